/** Guesses, cautiously, what an issue without a form asks for: from its title and the files it names. */
import type { Difficulty } from "../domain/difficulty.ts";
import { LEVELS_BY_SIZE } from "./sizes.ts";
import { visibleLines } from "./visible-lines.ts";

/** What an issue's text suggests. */
export interface ContentGuess {
  /** `undefined`: nothing in the text speaks for low or high. */
  readonly difficulty: Difficulty | undefined;
  readonly files: number;
  /** What the guess of `files` rests on. */
  readonly filesFrom: "named" | "default";
}

/** Lines that are looked at; what an issue is about stands above. */
const MAX_LINES = 200;
/** More files than this are a list for reference, not for change. */
const MAX_NAMED_FILES = 6;
const LOW = /\b(?:typos?|spelling|wording|rename|readme|changelog|comments?|docs?|documentation|bump|log message)\b/i;
const HIGH =
  /\b(?:refactor|rewrite|redesign|re-?architect|architecture|migrat(?:e|ion)|concurren(?:t|cy)|race condition|deadlock|security|encryption|protocol|distributed|performance)\b/i;
const NAMED_FILE = /`([\w@.-]{1,80}(?:\/[\w@.-]{1,80}){0,12}\.[A-Za-z]\w{0,9})(?::\d{1,6})?`/g;

/** Low or high only where the title says so; all else is left to the caller's defaults. */
export function guessFromContent(issue: { readonly title: string; readonly body: string }): ContentGuess {
  const title = issue.title.slice(0, 500);
  const isHigh = HIGH.test(title);
  const isLow = LOW.test(title) && !isHigh;
  const named = namedFiles(issue.body);
  const fallback = isLow ? LEVELS_BY_SIZE.S.files : LEVELS_BY_SIZE.M.files;
  return {
    difficulty: isHigh ? "high" : isLow ? "low" : undefined,
    files: named === 0 ? fallback : Math.min(named, MAX_NAMED_FILES),
    filesFrom: named === 0 ? "default" : "named",
  };
}

/** Files in inline code; stack traces and logs stand in code blocks and do not count. */
function namedFiles(body: string): number {
  const lines = visibleLines(body).slice(0, MAX_LINES);
  return new Set(lines.flatMap((line) => [...line.text.matchAll(NAMED_FILE)].map((match) => match[1]))).size;
}
