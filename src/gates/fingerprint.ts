/** The distilled form of a failure: equal when the same thing fails again, whatever lines and times say. */
import { createHash } from "node:crypto";
import type { GateResult } from "../domain/verdict.ts";

/** What is looked at of one result; a failure is known by its first words. */
const MAX_FINDINGS = 50;
const MAX_EXCERPT_LINES = 40;
const MAX_TEXT_LENGTH = 500;
const FINGERPRINT_LENGTH = 32;

const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]{0,20}[A-Za-z]`, "g");
/** Hashes and ids: eight or more hex digits with a digit among them. */
const HEX = /\b(?=[a-f]{0,40}\d)[0-9a-f]{8,64}\b/gi;
/** Figures with the unit behind them: lines, counts, percentages, durations. */
const FIGURES = /[-+]?\d+(?:[.,:]\d+)*\s?(?:ms|s|m|min|%|KB|MB)?(?![\w%])|\d+/g;

/** The fingerprint of what failed on one commit; `undefined` when nothing did. Errors of ours do not count. */
export function fingerprint(results: readonly GateResult[]): string | undefined {
  const failed = results.filter((result) => result.outcome === "failed");
  if (failed.length === 0) return undefined;
  const distilled = failed.map(distil).sort();
  return createHash("sha256").update(JSON.stringify(distilled)).digest("hex").slice(0, FINGERPRINT_LENGTH);
}

/** Findings say best what failed; a tool that is not understood left only its log. */
function distil({ gate, summary, findings, excerpt }: GateResult): string {
  const found = findings.slice(0, MAX_FINDINGS).map(({ file, message }) => `${file ?? ""}: ${withoutFigures(message)}`);
  const lines = excerpt.split("\n").slice(0, MAX_EXCERPT_LINES).map(withoutFigures);
  const details = found.length > 0 ? found : lines.filter((line) => line !== "");
  return JSON.stringify([gate, withoutFigures(summary), [...new Set(details)].sort()]);
}

function withoutFigures(text: string): string {
  return text
    .slice(0, MAX_TEXT_LENGTH)
    .replace(ANSI, "")
    .replace(HEX, "#")
    .replace(FIGURES, "#")
    .replace(/\s+/g, " ")
    .trim();
}
