/** Findings in TAP, as node:test writes it: `not ok 1 - name` with a YAML block below. */
import { type FindingReader, type Place, placeOf, type RawFinding } from "./raw-finding.ts";
import { framePlace } from "./stack-frames.ts";

const NOT_OK = /^(?<indent> *)not ok \d+(?: - )?(?<name>.*)$/;
const RESULT = /^ *(?:not )?ok \d/;
const DIRECTIVE = / # (?:TODO|SKIP)\b/i;

/** A failure that only says that something inside it failed is left out. */
export const readTap: FindingReader = (lines) => {
  const findings: RawFinding[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const failed = NOT_OK.exec(lines[at] ?? "")?.groups;
    if (!failed || DIRECTIVE.test(failed.name ?? "")) continue;
    const block = yamlBelow(lines, at, failed.indent?.length ?? 0);
    if (field(block, "failureType") === "subtestsFailed") continue;
    const message = [failed.name, field(block, "error")].filter(Boolean).join(": ");
    findings.push({ at, severity: "error", places: placesIn(block), standsAlone: true, message });
  }
  return findings;
};

/** The block's lines without their common indentation; it ends at the next result at the latest, so that none is read twice. */
function yamlBelow(lines: readonly string[], at: number, indent: number): readonly string[] {
  const margin = " ".repeat(indent + 2);
  if (lines[at + 1] !== `${margin}---`) return [];
  let end = at + 2;
  while (end < lines.length && lines[end] !== `${margin}...` && !RESULT.test(lines[end] ?? "")) end += 1;
  return lines.slice(at + 2, end).map((line) => line.slice(margin.length));
}

/** A scalar's text, or a literal block's lines. */
function field(block: readonly string[], name: string): string | undefined {
  const at = block.findIndex((line) => line.startsWith(`${name}: `));
  if (at < 0) return undefined;
  const value = (block[at] ?? "").slice(name.length + 2);
  if (!value.startsWith("|")) return value.replace(/^'(.*)'$/, "$1");
  return indentedBelow(block, at).join(" ");
}

function indentedBelow(block: readonly string[], at: number): readonly string[] {
  let end = at + 1;
  while (end < block.length && (block[end] === "" || /^ /.test(block[end] ?? ""))) end += 1;
  return block.slice(at + 1, end);
}

function placesIn(block: readonly string[]): readonly Place[] {
  const stack = block.findIndex((line) => line.startsWith("stack: "));
  const frames = stack < 0 ? [] : indentedBelow(block, stack).map(framePlace);
  const location = /^(?<file>.+):(?<line>\d+):\d+$/.exec(field(block, "location") ?? "")?.groups;
  return [...frames.filter((place) => place !== undefined), ...(location ? [placeOf(location)] : [])];
}
