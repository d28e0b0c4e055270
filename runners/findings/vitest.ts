/** Findings of vitest: ` FAIL  file > suite > test`, the error, and a `❯ file:line:column` frame. */
import type { FindingReader, Place, RawFinding } from "./raw-finding.ts";
import { framePlace } from "./stack-frames.ts";

const HEADING = /^ FAIL {2}(?:\|[^|]*\| )?(?<file>\S+)(?: > (?<test>.*))?(?: \[ .* \])?$/;
const RULER = /^⎯{4}/;

/** Headings that stand together share the error below them; each line is looked at once, however many there are. */
export const readVitest: FindingReader = (lines) => {
  const findings: RawFinding[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const headings = headingsFrom(lines, at);
    if (headings.length === 0) continue;
    const block = blockFrom(lines, at + headings.length);
    for (const [offset, { file = "", test }] of headings.entries()) {
      const message = [test, block.message].filter(Boolean).join(": ");
      const places = [...block.places, { file }];
      findings.push({ at: at + offset, severity: "error", places, standsAlone: true, message });
    }
    at += headings.length - 1;
  }
  return findings;
};

function headingsFrom(lines: readonly string[], at: number): readonly Readonly<Record<string, string | undefined>>[] {
  const found = [];
  for (let groups = headingIn(lines[at]); groups; groups = headingIn(lines[at + found.length])) found.push(groups);
  return found;
}

function headingIn(line: string | undefined): Readonly<Record<string, string | undefined>> | undefined {
  return HEADING.exec(line ?? "")?.groups;
}

function blockFrom(lines: readonly string[], start: number): { message: string; places: readonly Place[] } {
  let end = start;
  while (end < lines.length && !RULER.test(lines[end] ?? "") && !headingIn(lines[end])) end += 1;
  const block = lines.slice(start, end);
  const frames = block.filter((line) => /^ +❯ /.test(line)).map(framePlace);
  const message = block.find((line) => line !== "" && !/^ +❯ /.test(line)) ?? "failed";
  return { message, places: frames.filter((place) => place !== undefined) };
}
