/** One line of Markdown taken apart: heading, bullet, box, label and value. */

export interface FormLine {
  readonly kind: "heading" | "bullet" | "row" | "text" | "blank";
  /** Set for a bullet with a box: `- [x] high`. */
  readonly checked: boolean | undefined;
  /** Lower case, without marks: `blocked by`. Absent where the line has none. */
  readonly label: string | undefined;
  /** What is behind the label, or the whole line without its bullet. */
  readonly value: string;
  /** The whole line without its heading marks, bullet and box. */
  readonly text: string;
}

const HEADING = /^#{1,6}\s+(?=\S)/;
const BULLET = /^(?:[-*+•·–—◦▪‣○●]|\d{1,3}[.)])\s+(?=\S)/;
const BOX = /^\[([ xX])\](?:\s+|$)/;
const RULE = /^(?:-{2,}|={2,}|\*{3,}|_{3,})$/;
/** A colon further right than this ends a sentence, not a label. */
const MAX_LABEL_LENGTH = 60;
const BOLD = /\*\*|__/g;
const OPENING_MARK = /^\s*(?:\*\*|__|\*|_)/;
const CLOSING_MARK = /(?:\*\*|__|\*|_)$/;

const BLANK: FormLine = { kind: "blank", checked: undefined, label: undefined, value: "", text: "" };

/** Takes one line apart. */
export function readLine(line: string): FormLine {
  const text = line.trim();
  if (text === "" || RULE.test(text)) return BLANK;
  if (text.startsWith("|")) return readRow(text);
  const heading = HEADING.exec(text);
  if (heading) return withLabel("heading", withoutClosingHashes(text.slice(heading[0].length)), undefined);
  const bullet = BULLET.exec(text);
  if (!bullet) return withLabel("text", text, undefined);
  const item = text.slice(bullet[0].length);
  const box = BOX.exec(item);
  return withLabel("bullet", item.slice(box?.[0].length ?? 0), box ? box[1] !== " " : undefined);
}

/** True when the line under a text makes it a heading. */
export function isUnderline(line: string): boolean {
  const text = line.trim();
  return text.length > 1 && RULE.test(text) && (text.startsWith("=") || text.startsWith("-"));
}

/** A label as it is compared: lower case words, nothing else. */
export function normaliseLabel(label: string): string {
  const [beforeBracket = ""] = label.slice(0, MAX_LABEL_LENGTH * 2).split("(");
  return (beforeBracket.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(" ");
}

function readRow(text: string): FormLine {
  const [, label = "", value = ""] = text.split("|", 3);
  return { kind: "row", checked: undefined, label: normaliseLabel(label), value: value.trim(), text };
}

function withLabel(kind: "heading" | "bullet" | "text", text: string, checked: boolean | undefined): FormLine {
  const colon = text.slice(0, MAX_LABEL_LENGTH).search(/[:：]/);
  if (colon >= 0 && !endsInCode(text.slice(0, colon))) {
    const label = text.slice(0, colon);
    const value = withoutLabelMarks(label, text.slice(colon + 1));
    return { kind, checked, label: normaliseLabel(label), value, text };
  }
  const isBold = /^(?:\*\*|__)/.test(text) && /(?:\*\*|__)$/.test(text);
  const isLabel = (kind === "heading" || isBold) && text.length <= MAX_LABEL_LENGTH;
  return { kind, checked, label: isLabel ? normaliseLabel(text) : undefined, value: isLabel ? "" : text, text };
}

/** `**Label:** value` and `**Label: value**` leave a mark with the value; a value's own stars (`src/**`) stay. */
function withoutLabelMarks(label: string, value: string): string {
  const isOpen = label.trimStart().startsWith("*") || label.trimStart().startsWith("_");
  const isClosed = (label.match(BOLD)?.length ?? 0) > 1 || CLOSING_MARK.test(label.trimEnd());
  if (!isOpen || isClosed) return value.trim();
  const marks = OPENING_MARK.exec(value);
  return (marks ? value.slice(marks[0].length) : value.trim().replace(CLOSING_MARK, "")).trim();
}

function endsInCode(text: string): boolean {
  return text.split("`").length % 2 === 0;
}

function withoutClosingHashes(text: string): string {
  let end = text.length;
  while (end > 0 && text.charAt(end - 1) === "#") end -= 1;
  return text.slice(0, end).trim();
}
