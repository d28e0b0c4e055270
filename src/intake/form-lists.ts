/** Reads the fields of the form that are lists: files, acceptance criteria. */
import { truncate } from "../lib/text.ts";
import type { ContentLine, Field, FieldName } from "./form-fields.ts";
import { isUnanswered, scalarText, slip } from "./form-scalar.ts";
import { isEmptyValue, MAX_FILES, parseCount, plainText } from "./form-values.ts";

/** Criteria that are read of one form; further ones are ignored. */
const MAX_ITEMS = 100;
const MAX_ITEM_LENGTH = 500;

/** A number, or as many as are listed: `3 (a.ts, b.ts)`, `a.ts, b.ts`, a list below. */
export function readFiles(fields: readonly Field[], problems: string[]): number | undefined {
  const field = fields.find((candidate) => candidate.name === "files");
  const text = field && scalarText(field);
  if (!field || text === undefined || isUnanswered(text)) return undefined;
  if (isEmptyValue(text)) return /^n(?:one|othing)/i.test(plainText(text)) ? 0 : undefined;
  const listed = field.value === "" ? field.content.filter((line) => line.kind === "bullet").length : 0;
  const count = parseCount(text) ?? (listed > 0 ? listed : countNames(text));
  if (count === undefined && !field.isVague) {
    problems.push(slip(field, text, `must be a number of files up to ${MAX_FILES}`));
  }
  return count;
}

/** What a list field holds: its bullets, or its lines where it has none. */
export function readItems(fields: readonly Field[], name: FieldName): readonly string[] {
  return fields
    .filter((field) => field.name === name)
    .flatMap((field) => [field.value, ...itemsOf(field.content)])
    .filter((item) => !isEmptyValue(item))
    .slice(0, MAX_ITEMS)
    .map((item) => truncate(item, MAX_ITEM_LENGTH));
}

/** A line below a bullet goes on with it. */
function itemsOf(content: readonly ContentLine[]): readonly string[] {
  const hasBullets = content.some((line) => line.kind === "bullet");
  const items: string[] = [];
  for (const line of content) {
    if (line.kind === "bullet" || !hasBullets) items.push(line.text);
    else if (items.length > 0) items.push(`${items.pop()} ${line.text}`);
  }
  return items;
}

function countNames(text: string): number | undefined {
  const names = text
    .split(/[,;\s]+/)
    .map(plainText)
    .filter((name) => name !== "" && name !== "and");
  const areFiles = names.length > 0 && names.every((name) => /[./]\w/.test(name) && !/^[-\d.,]/.test(name));
  return areFiles ? names.length : undefined;
}
