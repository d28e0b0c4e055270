/** A log becomes findings: `file:line: message`, in order, each once, with paths of the checkout only. */

import type { Finding } from "../../src/domain/verdict.ts";
import { truncate } from "../../src/lib/text.ts";
import { logLines } from "./log-lines.ts";
import { isVendored, placeInCheckout } from "./place-in-checkout.ts";
import type { Place, RawFinding } from "./raw-finding.ts";
import { findRaw } from "./readers.ts";

/** More than an agent works off at once. */
export const MAX_FINDINGS = 50;

// A sentence or two; the log has the rest.
const MAX_MESSAGE_CHARACTERS = 400;

/** What the tools in this log complain about; warnings only when nothing else explains the failure. */
export function readFindings(log: string, workFolder: string): Finding[] {
  const raw = findRaw(logLines(log));
  const errors = findingsOf(raw, "error", workFolder);
  return errors.length > 0 ? errors : findingsOf(raw, "warning", workFolder);
}

function findingsOf(raw: readonly RawFinding[], severity: RawFinding["severity"], workFolder: string): Finding[] {
  const seen = new Map<string, Finding>();
  for (const candidate of raw) {
    if (seen.size >= MAX_FINDINGS) break;
    const finding = candidate.severity === severity ? findingOf(candidate, workFolder) : undefined;
    const key = JSON.stringify(finding);
    if (finding && !seen.has(key)) seen.set(key, finding);
  }
  return [...seen.values()];
}

function findingOf(raw: RawFinding, workFolder: string): Finding | undefined {
  const place = bestPlace(raw, workFolder);
  if (!place && !raw.standsAlone) return undefined;
  const relative = raw.message.replaceAll(`file://${workFolder}/`, "").replaceAll(`${workFolder}/`, "");
  return { ...place, message: truncate(relative.replace(/\s+/g, " ").trim(), MAX_MESSAGE_CHARACTERS) };
}

function bestPlace({ places }: RawFinding, workFolder: string): Place | undefined {
  const inside = places.map((place) => placeInCheckout(place, workFolder)).filter((place) => place !== undefined);
  return inside.find((place) => !isVendored(place)) ?? inside[0];
}
