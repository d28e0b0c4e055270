/** Places named by stack frames of JavaScript. */
import type { Place } from "./raw-finding.ts";

/** `file:line:column` at the end of a frame, also in parentheses; absent: the frame has no file. */
export function framePlace(line: string): Place | undefined {
  // The last word, so that no pattern has to look for where a path with spaces before it starts.
  const last = line.slice(line.lastIndexOf(" ") + 1).replace(/^\(|\)$/g, "");
  const found = /^(?<file>.+):(?<line>\d+):\d+$/.exec(last)?.groups;
  if (!found || /^(?:node|internal):/.test(found.file ?? "")) return undefined;
  return { file: found.file ?? "", line: Number(found.line) };
}

/** True for a line such as `    at name (file:1:2)`. */
export function isFrame(line: string): boolean {
  return /^\s+at \S/.test(line);
}
