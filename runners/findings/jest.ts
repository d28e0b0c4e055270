/** Findings of jest: `FAIL file`, then `● suite › test`, the error, and its stack. */
import { type FindingReader, placeOf, type RawFinding } from "./raw-finding.ts";
import { framePlace, isFrame } from "./stack-frames.ts";

const FILE = /^FAIL (?:\S+ )?(?<file>\S+\.\w+)(?: \([\d.]+ m?s\))?$/;
const TEST = /^ {2}● (?<test>.*)$/;
const SYNTAX = /^ {4}SyntaxError: (?<file>\S+): (?<message>.*) \((?<line>\d+):\d+\)$/;
const COMPARED = /^ {4}(?:Expected|Received)\b.*: /;

/** A suite that could not be read has its cause far below, in a SyntaxError with a place. */
export const readJest: FindingReader = (lines) => {
  const findings: RawFinding[] = [];
  let file = "";
  for (let at = 0; at < lines.length; at += 1) {
    file = FILE.exec(lines[at] ?? "")?.groups?.file ?? file;
    const test = TEST.exec(lines[at] ?? "")?.groups?.test;
    if (test === undefined || file === "") continue;
    findings.push(findingOf(test, file, at, blockBelow(lines, at)));
  }
  return findings;
};

function blockBelow(lines: readonly string[], heading: number): readonly string[] {
  let end = heading + 1;
  while (end < lines.length && !TEST.test(lines[end] ?? "") && !/^\S/.test(lines[end] ?? "")) end += 1;
  return lines.slice(heading + 1, end);
}

function findingOf(test: string, file: string, at: number, block: readonly string[]): RawFinding {
  const common = { at, severity: "error", standsAlone: true } as const;
  const syntax = block.map((line) => SYNTAX.exec(line)?.groups).find((groups) => groups !== undefined);
  if (syntax) return { ...common, places: [placeOf(syntax)], message: `SyntaxError: ${syntax.message}` };
  const places = block
    .filter(isFrame)
    .map(framePlace)
    .filter((place) => place !== undefined);
  const message = [block.find((line) => line !== "") ?? "", ...block.filter((line) => COMPARED.test(line))].join(" ");
  return { ...common, places: [...places, { file }], message: `${test}: ${message}` };
}
