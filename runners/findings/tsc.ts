/** Findings of the TypeScript compiler, plain and pretty. */
import { type FindingReader, placeOf } from "./raw-finding.ts";

const PLAIN = /^(?<file>\S[^()]*)\((?<line>\d+),\d+\): error (?<message>TS\d+: .*)$/;
const PRETTY = /^(?<file>\S[^:]*):(?<line>\d+):\d+ - error (?<message>TS\d+: .*)$/;

// An explanation that goes on, indented, below its message; deeper levels repeat types at length.
const EXPLANATION_LINES = 3;

/** `file(line,column): error TS1: message`, and `file:line:column - error TS1: message`. */
export const readTsc: FindingReader = (lines) =>
  lines.flatMap((line, at) => {
    const groups = (PLAIN.exec(line) ?? PRETTY.exec(line))?.groups;
    if (!groups) return [];
    const below = lines.slice(at + 1, at + 1 + EXPLANATION_LINES);
    const end = below.findIndex((next) => !/^ {2}/.test(next));
    const message = [groups.message ?? "", ...below.slice(0, end < 0 ? below.length : end)].join(" ");
    return [{ at, severity: "error", places: [placeOf(groups)], standsAlone: false, message }];
  });
