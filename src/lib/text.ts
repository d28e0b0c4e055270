/** Text from outside made safe to show: fences that cannot be closed from inside, names and keywords that do nothing. */

const ZERO_WIDTH_SPACE = "\u200b";
const CLOSING_KEYWORD = /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?|reopen(?:s|ed)?)\b(?=\s*:?\s)/gi;
/** Looks back from the sign, and no further than a name can be long: forwards, every hyphen of a ruler could begin one. */
const REFERENCE = /(?<=(?:^|[^\w&])(?:[\w.-]{1,100}\/[\w.-]{1,100})?)[#!](?=\d)/g;
const MENTION = /(^|[^\w`/])@(?=[A-Za-z0-9_-])/g;
const HTML_COMMENT_START = /<!--/g;
const HTML_TAG_START = /<(?=[A-Za-z/!?])/g;
const LINK_MIDDLE = /\](?=[([:])/g;
const ENTITY_START = /&(?=#?\w+;)/g;
const BACKTICKS = /`+/g;
/** White space with a line end in it; looked for once in a row of blanks. */
const LINE_END = /(?<!\s)\s*[\r\n]\s*/g;
const LAST_LINE_ENDS = /(?<!\n)\n+$/;
/** Looks like a backtick and opens nothing. */
const DEAD_BACKTICK = "\u02cb";
const MENTION_AFTER_CODE = /`@(?=[\w-])/g;
/** Control, zero-width, direction and tag characters: what a reader cannot see but a renderer or a model obeys. */
const INVISIBLE = /(?![\n\r\t])\p{Cc}|\p{Cf}|\u115f|\u1160|\u3164|\uffa0|[\u{fe00}-\u{fe0e}]|[\u{e0100}-\u{e01ef}]/gu;

/** Makes closing keywords, references, mentions and hidden comments in quoted text harmless without changing how it reads. */
export function neutralise(text: string): string {
  return text
    .replace(HTML_COMMENT_START, `<${ZERO_WIDTH_SPACE}!--`)
    .replace(CLOSING_KEYWORD, (word) => `${word.slice(0, 1)}${ZERO_WIDTH_SPACE}${word.slice(1)}`)
    .replace(REFERENCE, (sign) => `${sign}${ZERO_WIDTH_SPACE}`)
    .replace(MENTION, (_match, before: string) => `${before}@${ZERO_WIDTH_SPACE}`);
}

/** A code block whose fence is longer than any run of backticks inside it; the content is neutralised. */
export function fence(text: string, language = ""): string {
  const marks = "`".repeat(Math.max(2, longestMarks(text)) + 1);
  return `${marks}${language}\n${neutralise(removeInvisible(text)).replace(LAST_LINE_ENDS, "")}\n${marks}`;
}

/** Inline code for one line of foreign text: a file name, a branch, a test's name. */
export function inlineCode(text: string): string {
  const line = neutralise(removeInvisible(text)).replace(/\s+/g, " ").trim() || " ";
  const marks = "`".repeat(longestMarks(line) + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${marks}${pad}${line}${pad}${marks}`;
}

/** Counted, not spread: a text has more runs of backticks than a call takes arguments. */
function longestMarks(text: string): number {
  return text.matchAll(BACKTICKS).reduce((longest, [run]) => Math.max(longest, run.length), 0);
}

/** A cell of a Markdown table: one line, pipes escaped (a backslash before one would undo that). */
export function tableCell(text: string): string {
  return text
    .replace(LINE_END, " ")
    .replace(/\\(?=\|)/g, `\\${ZERO_WIDTH_SPACE}`)
    .replace(/\|/g, "\\|");
}

/** The text without characters that a reader cannot see. */
export function removeInvisible(text: string): string {
  return text.replace(INVISIBLE, "");
}

/** One line of prose that may hold foreign text: neutralised, without HTML, links, images or invisible characters; code spans stay. */
export function plainLine(text: string): string {
  return neutralise(closedCode(removeInvisible(text).replace(/\s+/g, " ").trim()))
    .replace(HTML_TAG_START, `<${ZERO_WIDTH_SPACE}`)
    .replace(LINK_MIDDLE, `]${ZERO_WIDTH_SPACE}`)
    .replace(ENTITY_START, `&${ZERO_WIDTH_SPACE}`)
    .replace(MENTION_AFTER_CODE, `\`@${ZERO_WIDTH_SPACE}`);
}

/** A lone backtick would pair with one of the text around it and turn code into prose. */
function closedCode(line: string): string {
  const text = line.replace(/\\(?=`)/g, `\\${ZERO_WIDTH_SPACE}`);
  const opening = new Set<number>();
  const seen = new Set<number>();
  for (const { 0: run, index } of [...text.matchAll(BACKTICKS)].reverse()) {
    if (seen.has(run.length)) opening.add(index);
    seen.add(run.length);
  }
  let closedBy = 0;
  return text.replace(BACKTICKS, (run, index: number) => {
    if (closedBy > 0) {
      if (run.length === closedBy) closedBy = 0;
      return run;
    }
    if (!opening.has(index)) return DEAD_BACKTICK.repeat(run.length);
    closedBy = run.length;
    return run;
  });
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
