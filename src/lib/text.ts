/** Text from outside made safe to show: fences that cannot be closed from inside, names and keywords that do nothing. */

const ZERO_WIDTH_SPACE = "\u200b";
const CLOSING_KEYWORD = /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?|reopen(?:s|ed)?)\b(?=\s*:?\s)/gi;
const REFERENCE = /(^|[^\w&])([\w.-]+\/[\w.-]+)?([#!])(?=\d)/g;
const MENTION = /(^|[^\w`/])@(?=[A-Za-z0-9_-])/g;
const HTML_COMMENT_START = /<!--/g;

/** Makes closing keywords, references, mentions and hidden comments in quoted text harmless without changing how it reads. */
export function neutralise(text: string): string {
  return text
    .replace(HTML_COMMENT_START, `<${ZERO_WIDTH_SPACE}!--`)
    .replace(CLOSING_KEYWORD, (word) => `${word.slice(0, 1)}${ZERO_WIDTH_SPACE}${word.slice(1)}`)
    .replace(
      REFERENCE,
      (_match, before: string, repository: string | undefined, sign: string) =>
        `${before}${repository ?? ""}${sign}${ZERO_WIDTH_SPACE}`,
    )
    .replace(MENTION, (_match, before: string) => `${before}@${ZERO_WIDTH_SPACE}`);
}

/** A code block whose fence is longer than any run of backticks inside it; the content is neutralised. */
export function fence(text: string, language = ""): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map((run) => run[0].length));
  const marks = "`".repeat(longest + 1);
  return `${marks}${language}\n${neutralise(text).replace(/\n+$/, "")}\n${marks}`;
}

/** Inline code for one line of foreign text: a file name, a branch, a test's name. */
export function inlineCode(text: string): string {
  const line = neutralise(text).replace(/\s+/g, " ").trim();
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map((run) => run[0].length));
  const marks = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${marks}${pad}${line}${pad}${marks}`;
}

/** A cell of a Markdown table: one line, pipes escaped. */
export function tableCell(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replace(/\|/g, "\\|");
}

/** The first `max` characters, with an ellipsis when something was cut. */
export function truncate(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1))}…`;
}

/** `src/a.ts` lines 41, 42, 43, 62 become `41–43, 62`. */
export function lineRanges(lines: readonly number[]): string {
  const ranges: { first: number; last: number }[] = [];
  for (const line of [...lines].sort((a, b) => a - b)) {
    const open = ranges.at(-1);
    if (open && line <= open.last + 1) open.last = line;
    else ranges.push({ first: line, last: line });
  }
  return ranges.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`)).join(", ");
}
