/** Reads which issues a form names as blockers, with the titles that stand beside their numbers. */
import type { TaskId } from "../domain/ids.ts";
import { findReferences, type IssueReference, type ReferenceBase } from "../domain/issue-reference.ts";
import { inlineCode, truncate } from "../lib/text.ts";
import type { Field } from "./form-fields.ts";
import { isEmptyValue } from "./form-values.ts";

/** An issue as the form names it. */
export interface StatedReference {
  readonly issue: TaskId;
  /** What the form calls it: `COORD-010` in `#157 (COORD-010)`. Foreign text. */
  readonly expectedTitle: string | undefined;
}

/** References that are read of one form; further ones are ignored. */
const MAX_REFERENCES = 100;
const MAX_QUOTE_LENGTH = 60;
const TICKET_KEY = /\b[A-Z][A-Z0-9]{1,15}-\d{1,8}\b/;
const KEY_BEFORE = /(?:^|[\s,;(])([A-Z][A-Z0-9]{1,15}-\d{1,8})\s?[(:–-]?\s?$/;
const KEY_BEHIND = /^\s?[–—:-]?\s?([A-Z][A-Z0-9]{1,15}-\d{1,8})\b/;
const BRACKET = /^\s?[([]([^()[\]]{1,200})[)\]]/;
/** A remark in brackets is a title when it starts like one: `#12 (Retry uploads)`, but not `#12 (needs the new API)`. */
const TITLE_START = /^[`"'“‘]|^\p{Lu}/u;

/** The issues that these fields name, in order; a value without any is a slip. */
export function readReferences(
  fields: readonly Field[],
  base: ReferenceBase,
  problems: string[],
): readonly StatedReference[] {
  return fields.flatMap((field) => readField(field, base, problems)).slice(0, MAX_REFERENCES);
}

function readField(field: Field, base: ReferenceBase, problems: string[]): readonly StatedReference[] {
  const isSection = field.name === "dependencies";
  const below = field.content.filter((line, index) => line.kind === "bullet" || (index === 0 && field.value === ""));
  const own = isEmptyValue(field.value) ? [] : [{ number: field.line, text: field.value, isOwn: true }];
  return [...own, ...below.map((line) => ({ ...line, isOwn: false }))].flatMap(({ number, text, isOwn }) => {
    const references = findReferences(text, base);
    const startsWithOne = references[0]?.start === 0 || KEY_BEFORE.test(text.slice(0, references[0]?.start ?? 0));
    if (references.length > 0 && (isOwn || startsWithOne)) return titled(text, references);
    const isSlip = !isEmptyValue(text) && references.length === 0 && ((isOwn && !isSection) || TICKET_KEY.test(text));
    if (isSlip) problems.push(`Line ${number}: ${quote(text)} names no issue; write its number as in \`#12\`.`);
    return [];
  });
}

/** Numbers in the brackets behind a number belong to its title. */
function titled(text: string, references: readonly IssueReference[]): readonly StatedReference[] {
  const stated: StatedReference[] = [];
  let from = 0;
  for (const { issue, start, end } of references) {
    if (start < from) continue;
    const bracket = BRACKET.exec(text.slice(end));
    stated.push({ issue, expectedTitle: titleOf(text.slice(from, start), text.slice(end), bracket?.[1]) });
    from = end + (bracket?.[0].length ?? 0);
  }
  return stated;
}

function titleOf(before: string, behind: string, bracket: string | undefined): string | undefined {
  const remark = bracket?.trim() ?? "";
  const named = TICKET_KEY.exec(remark)?.[0] ?? KEY_BEHIND.exec(behind)?.[1] ?? KEY_BEFORE.exec(before)?.[1];
  if (named !== undefined) return named;
  return TITLE_START.test(remark) ? remark : undefined;
}

function quote(text: string): string {
  return inlineCode(truncate(text.trim(), MAX_QUOTE_LENGTH));
}
