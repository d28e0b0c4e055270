/** The shortest part of a log that shows the cause of a failure. */
import { logLines } from "./log-lines.ts";
import { findRaw } from "./readers.ts";

/** What people and agents read in one look. */
export const MAX_EXCERPT_LINES = 40;

/** The same in characters, for lines may be long. */
export const MAX_EXCERPT_CHARACTERS = 4_000;

// The command or test that a message belongs to stands right above it.
const LINES_BEFORE_CAUSE = 2;

// Enough for forty lines after noise is gone.
const MAX_READ_LINES = 400;

const TROUBLE = /\b(?:error|errors|failed|failure|fail|exception|panic|fatal|traceback|denied|not found|cannot)\b/i;
const NO_TROUBLE = /[✓✔√]|^\s*ok\b|\b(?:0|no) (?:errors?|failures?|failed|problems?)\b|\bPASS\b/i;
const NOISE = /^\s+at .*(?:node:|\/node_modules\/|\/rustc\/|<anonymous>\))|^\t\/usr\/|^ +\d+: (?:std|core|__rustc)::/;

/** At most 40 lines and 4,000 characters of clean text; without an identifiable cause, the end of the log. */
export function excerptOf(log: string): string {
  const lines = logLines(log);
  const cause = causeIn(lines);
  const kept = compact(cause === undefined ? lines.slice(-MAX_READ_LINES) : lines.slice(cause, cause + MAX_READ_LINES));
  const part = cause === undefined ? kept.slice(-MAX_EXCERPT_LINES) : kept.slice(0, MAX_EXCERPT_LINES);
  return withinLimit(part, cause === undefined);
}

function causeIn(lines: readonly string[]): number | undefined {
  const raw = findRaw(lines);
  const at = (raw.find(({ severity }) => severity === "error") ?? raw[0])?.at ?? troubleIn(lines);
  return at < 0 ? undefined : Math.max(0, at - LINES_BEFORE_CAUSE);
}

function troubleIn(lines: readonly string[]): number {
  return lines.findIndex((line) => TROUBLE.test(line) && !NO_TROUBLE.test(line));
}

/** Without frames of other people's code, empty lines at either end, or several empty lines together. */
function compact(lines: readonly string[]): readonly string[] {
  const telling = lines.filter((line) => !NOISE.test(line));
  const spaced = telling.filter((line, at) => line !== "" || (telling[at - 1] ?? "") !== "");
  return spaced.slice(spaced[0] === "" ? 1 : 0, spaced.at(-1) === "" ? -1 : undefined);
}

function withinLimit(lines: readonly string[], keepEnd: boolean): string {
  const text = lines.join("\n");
  if (text.length <= MAX_EXCERPT_CHARACTERS) return text;
  return keepEnd ? text.slice(-MAX_EXCERPT_CHARACTERS) : text.slice(0, MAX_EXCERPT_CHARACTERS);
}
