/** Findings of a Node program that died of an error nobody caught. */
import { type FindingReader, type Place, placeOf, type RawFinding } from "./raw-finding.ts";
import { framePlace, isFrame } from "./stack-frames.ts";

const ERROR = /^(?:Uncaught )?(?<message>\w*(?:Error|Exception)\b.*)$/;
const SOURCE = /^(?<file>(?:file:\/\/)?\/\S*):(?<line>\d+)$/;
const IMPORTED_FROM = / imported from (?<file>\/\S+)$/;

// Source line, caret and an empty line stand between the place of a syntax error and its message.
const LINES_FROM_SOURCE = 5;

/** `SomeError: message` at the start of a line, with stack frames right below. */
export const readNodeCrashes: FindingReader = (lines) => {
  const findings: RawFinding[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const message = ERROR.exec(lines[at] ?? "")?.groups?.message;
    if (message === undefined || !isFrame(lines[at + 1] ?? "")) continue;
    findings.push({ at, severity: "error", places: placesAround(lines, at), standsAlone: true, message });
  }
  return findings;
};

function placesAround(lines: readonly string[], at: number): readonly Place[] {
  const above = lines.slice(Math.max(0, at - LINES_FROM_SOURCE), at).map((line) => SOURCE.exec(line)?.groups);
  let end = at + 1;
  while (isFrame(lines[end] ?? "")) end += 1;
  const importer = IMPORTED_FROM.exec(lines[at] ?? "")?.groups;
  return [
    ...above.filter((groups) => groups !== undefined).map(placeOf),
    ...lines.slice(at + 1, end).map(framePlace),
    ...(importer ? [placeOf(importer)] : []),
  ].filter((place) => place !== undefined);
}
