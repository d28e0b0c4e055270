/** Findings of mypy and ruff. */
import { type FindingReader, lineReader, placeOf } from "./raw-finding.ts";

const MYPY = /^(?<file>\S[^:]*):(?<line>\d+):(?:\d+:)? (?<severity>error|warning): (?<message>.*)$/;
const RUFF_CONCISE = /^(?<file>\S[^:]*):(?<line>\d+):\d+: (?<rule>[A-Z]+\d+) (?:\[\*\] )?(?<message>.*)$/;
const RUFF_HEADING = /^(?<rule>[A-Z]+\d+|[a-z][a-z-]+:) (?:\[\*\] )?(?<message>.*)$/;
const RUFF_PLACE = /^ *--> (?<file>\S[^:]*):(?<line>\d+):\d+$/;
const RUFF_FORMAT = /^Would reformat: (?<file>.*)$/;

/** `file:line: error: message  [code]`, which compilers of the C family write too. */
export const readMypy = lineReader((line) => {
  const groups = MYPY.exec(line)?.groups;
  if (!groups) return undefined;
  const severity = groups.severity === "error" ? "error" : "warning";
  return { severity, places: [placeOf(groups)], message: groups.message ?? "" };
});

/** `file:line:column: F401 message`, and `Would reformat: file`. */
export const readRuffConcise = lineReader((line) => {
  const reformat = RUFF_FORMAT.exec(line)?.groups;
  if (reformat) return { severity: "error", places: [placeOf(reformat)], message: "not formatted" };
  const groups = RUFF_CONCISE.exec(line)?.groups;
  if (!groups) return undefined;
  return { severity: "error", places: [placeOf(groups)], message: `${groups.rule} ${groups.message}` };
});

/** `F401 message`, with ` --> file:line:column` below. */
export const readRuff: FindingReader = (lines) =>
  lines.flatMap((line, at) => {
    const heading = RUFF_HEADING.exec(line)?.groups;
    const place = heading && RUFF_PLACE.exec(lines[at + 1] ?? "")?.groups;
    if (!place) return [];
    const message = `${heading.rule} ${heading.message}`;
    return [{ at, severity: "error", places: [placeOf(place)], standsAlone: false, message }];
  });
