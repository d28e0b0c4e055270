/** Findings of tools that nothing here knows: `file.ext:line: message`. The last resort. */
import { lineReader, placeOf } from "./raw-finding.ts";

const PLAIN = /^\s*(?<file>[^\s:()]*\.\w{1,8}):(?<line>\d+)(?::\d+)?(?::| -)? +(?<message>\S.*)$/;

/** At the start of a line, with a file that has an ending, a line, and some words. */
export const readPlainText = lineReader((line) => {
  const groups = PLAIN.exec(line)?.groups;
  return groups && { severity: "error", places: [placeOf(groups)], message: groups.message ?? "" };
});
