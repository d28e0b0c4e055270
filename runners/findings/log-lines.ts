/** A log made fit to read: bounded, without terminal escapes, and with no line long enough to slow a pattern down. */
import { stripVTControlCharacters } from "node:util";

// The end of a log has the failures and the summary, its start the compiler's first message. Reading must not hold up the runner for long.
const READ_FROM_START = 250_000;
const READ_FROM_END = 750_000;

// Far beyond every message; what is longer is data, and patterns may take time that grows with its square.
const MAX_LINE_CHARACTERS = 1_000;

const CONTROL_BUT_TAB = /[^\P{Cc}\t]/gu;

/** The log's lines, in order. */
export function logLines(log: string): readonly string[] {
  return bounded(log).split("\n").map(cleanLine);
}

function bounded(log: string): string {
  if (log.length <= READ_FROM_START + READ_FROM_END) return log;
  return `${log.slice(0, READ_FROM_START)}\n…\n${log.slice(-READ_FROM_END)}`;
}

/** Cut before escapes are removed, so that this too is bounded; a line that was redrawn is its last drawing. */
function cleanLine(raw: string): string {
  const ended = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
  const drawn = ended.slice(ended.lastIndexOf("\r") + 1).slice(0, MAX_LINE_CHARACTERS);
  return stripVTControlCharacters(drawn).replace(CONTROL_BUT_TAB, "").trimEnd();
}
