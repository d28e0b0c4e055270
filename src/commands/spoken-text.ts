/** What of a comment its writer says: code, quotes and HTML comments are blanked, line by line. */

const FENCE_OPEN = /^( {0,3}(?:(?:[-*+]|\d{1,9}[.)])\s+)*)(`{3,}(?=[^`]*$)|~{3,})/;
const INDENTED = /^(?: {4}| {0,3}\t)/;
const QUOTE = /^ {0,3}>/;
const HTML_COMMENT_OPEN = /^ {0,3}<!--/;
/** Elements whose content is shown as code or quote, or not at all. */
const HTML_BLOCK_OPEN = /^ {0,3}<(pre|code|script|style|textarea|blockquote)(?=[\s>]|$)/i;

/** True for the line that ends the block it belongs to. */
type EndsBlock = (line: string) => boolean;

/** The text with the same lines, of which only the spoken parts are left. */
export function spokenText(body: string): string {
  return joinParagraphs(spokenLines(body.replace(/\r\n?/g, "\n").split("\n")));
}

/** Whole lines first: what belongs to a block that is not spoken becomes empty. */
function spokenLines(lines: readonly string[]): readonly string[] {
  let endsBlock: EndsBlock | undefined;
  return lines.map((line) => {
    if (endsBlock) {
      if (endsBlock(line)) endsBlock = undefined;
      return "";
    }
    endsBlock = blockOpenedBy(line);
    return endsBlock || QUOTE.test(line) || INDENTED.test(line) || isClosedHtmlBlock(line) ? "" : line;
  });
}

/** How the block ends that this line opens and does not close itself. */
function blockOpenedBy(line: string): EndsBlock | undefined {
  const [, before = "", marks] = FENCE_OPEN.exec(line) ?? [];
  if (marks !== undefined) return fenceEnd(marks, before.trim() !== "");
  if (HTML_COMMENT_OPEN.test(line) && !line.includes("-->")) return (later) => later.includes("-->");
  const close = closingTag(line);
  return close === undefined || line.toLowerCase().includes(close)
    ? undefined
    : (later) => later.toLowerCase().includes(close);
}

/** A fence in a list item is indented with it, so its end may be too. */
function fenceEnd(marks: string, isInList: boolean): EndsBlock {
  const indent = isInList ? "\\s*" : " {0,3}";
  const end = new RegExp(`^${indent}${marks[0]}{${marks.length},}\\s*$`);
  return (line) => end.test(line);
}

function closingTag(line: string): string | undefined {
  const [, tag] = HTML_BLOCK_OPEN.exec(line) ?? [];
  return tag === undefined ? undefined : `</${tag.toLowerCase()}>`;
}

function isClosedHtmlBlock(line: string): boolean {
  return HTML_COMMENT_OPEN.test(line) || HTML_BLOCK_OPEN.test(line);
}

/** Code spans and inline comments reach over lines, but never over the end of a paragraph. */
function joinParagraphs(lines: readonly string[]): string {
  return lines
    .join("\n")
    .split(/(\n(?:[ \t]*\n)+)/)
    .map((part, index) => (index % 2 === 0 ? withoutInline(part) : part))
    .join("");
}

/** One paragraph without comments and without code spans that reach over a line's end. */
function withoutInline(paragraph: string): string {
  const closingMarks = findMarks(paragraph);
  const lastClose = paragraph.lastIndexOf("-->");
  let spoken = "";
  let at = 0;
  while (at < paragraph.length) {
    const end = paragraph[at] === "`" ? closingMarks(at) : commentEnd(paragraph, at, lastClose);
    const piece = paragraph.slice(at, end);
    const isHidden = piece.startsWith("<!--") || piece.includes("\n", 1);
    spoken += isHidden && piece.length > 1 ? piece.replace(/[^\n]/g, " ") : piece;
    at = end;
  }
  return spoken;
}

/** Where the comment that starts here ends; the next character where none does. */
function commentEnd(text: string, at: number, lastClose: number): number {
  if (!text.startsWith("<!--", at) || at + 4 > lastClose) return at + 1;
  return text.indexOf("-->", at + 4) + 3;
}

/** For a run of backticks: the end of the code span it opens, or of the run where nothing closes it. */
function findMarks(text: string): (at: number) => number {
  const runs = [...text.matchAll(/`+/g)].map((run) => ({ start: run.index, end: run.index + run[0].length }));
  const byLength = Map.groupBy(runs, (run) => run.end - run.start);
  return (at) => {
    const own = runs[indexFrom(runs, at)];
    const same = byLength.get(own ? own.end - at : 0) ?? [];
    return same[indexFrom(same, at + 1)]?.end ?? own?.end ?? at + 1;
  };
}

/** The first run that starts at `at` or later. */
function indexFrom(runs: readonly { readonly start: number }[], at: number): number {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.start ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
