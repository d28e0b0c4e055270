/** Findings of biome: a heading with place and rule, and the message below it. */
import { type FindingReader, placeOf } from "./raw-finding.ts";

const HEADING = /^(?<file>\S+?)(?::(?<line>\d+):\d+)? (?<rule>[a-z][\w/]*) (?: ?[A-Z]+ )? ?━{3}/;
const MESSAGE = /^ {2}(?<sign>[×✖!]) (?<message>.*)$/;

// Between heading and message there is one empty line.
const LINES_TO_MESSAGE = 3;

/** `file:line:column lint/group/rule ━━━`, and `file format ━━━`. */
export const readBiome: FindingReader = (lines) =>
  lines.flatMap((line, at) => {
    const heading = HEADING.exec(line)?.groups;
    if (!heading) return [];
    const below = lines.slice(at + 1, at + 1 + LINES_TO_MESSAGE).map((next) => MESSAGE.exec(next)?.groups);
    const found = below.find((groups) => groups !== undefined);
    if (!found) return [];
    const severity = found.sign === "!" ? "warning" : "error";
    const message = heading.rule === "format" ? "not formatted" : `${found.message} (${heading.rule})`;
    return [{ at, severity, places: [placeOf(heading)], standsAlone: false, message }];
  });
