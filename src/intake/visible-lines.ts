/** The lines of a Markdown text that its readers see as text: no code blocks, no HTML comments, no quotes. */

export interface VisibleLine {
  /** Counts from 1 in the whole text. */
  readonly number: number;
  readonly text: string;
}

/** What a line holds behind this many characters is not read; nobody writes a form that wide. */
const MAX_LINE_LENGTH = 2_000;
/** Lines behind this many are not read; a log was pasted, not a form. */
const MAX_LINES = 20_000;
const MIN_FENCE_LENGTH = 3;
const LINE_END = /\r\n|\r|\n/;
const COMMENT_START = "<!--";
const COMMENT_END = "-->";

/** Reads the text once from top to bottom, in time that grows with its length alone. */
export function visibleLines(body: string): readonly VisibleLine[] {
  const lines = body.split(LINE_END, MAX_LINES);
  const lastCommentEnd = lines.findLastIndex((line) => line.includes(COMMENT_END));
  const visible: VisibleLine[] = [];
  let fence = "";
  let inComment = false;
  for (const [index, line] of lines.entries()) {
    if (fence !== "") {
      if (closesFence(line, fence)) fence = "";
      continue;
    }
    const rest = withoutComments(line, inComment, lastCommentEnd > index);
    inComment = rest.inComment;
    const text = rest.text.slice(0, MAX_LINE_LENGTH).trimEnd();
    fence = openedFence(text);
    if (fence === "" && !text.trimStart().startsWith(">")) visible.push({ number: index + 1, text });
  }
  return visible;
}

/** The marks that open a code block on this line; a backtick behind the marks makes them inline code. */
function openedFence(text: string): string {
  const start = text.trimStart();
  const marks = /^(?:`+|~+)/.exec(start)?.[0] ?? "";
  if (marks.length < MIN_FENCE_LENGTH) return "";
  return marks.startsWith("`") && start.includes("`", marks.length) ? "" : marks;
}

function closesFence(line: string, fence: string): boolean {
  const text = line.trim();
  return text.startsWith(fence) && /^(?:`+|~+)$/.test(text);
}

interface Rest {
  readonly text: string;
  readonly inComment: boolean;
}

/** A comment that starts a line runs to the end of the text when nothing closes it, as browsers are shown it; others do not. */
function withoutComments(line: string, startsInside: boolean, closedLater: boolean): Rest {
  const lastEnd = line.lastIndexOf(COMMENT_END);
  let text = "";
  let isBlank = true;
  let inside = startsInside;
  let inCode = false;
  let at = 0;
  while (true) {
    const next = line.indexOf(inside ? COMMENT_END : COMMENT_START, at);
    if (next < 0) return { text: text + (inside ? "" : line.slice(at)), inComment: inside };
    if (inside) {
      inside = false;
      at = next + COMMENT_END.length;
      continue;
    }
    const before = line.slice(at, next);
    text += before;
    isBlank &&= before.trim() === "";
    inCode = togglesCode(before) !== inCode;
    at = next + COMMENT_START.length;
    inside = !inCode && (closedLater || isBlank || lastEnd >= at);
    if (!inside) text += COMMENT_START;
    isBlank &&= inside;
  }
}

function togglesCode(text: string): boolean {
  let isOdd = false;
  for (let at = text.indexOf("`"); at >= 0; at = text.indexOf("`", at + 1)) isOdd = !isOdd;
  return isOdd;
}
