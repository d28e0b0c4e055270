/** Reads a field of the form that has one value. */
import { inlineCode, truncate } from "../lib/text.ts";
import type { Field } from "./form-fields.ts";
import { isEmptyValue, plainText } from "./form-values.ts";

const MAX_QUOTE_LENGTH = 60;

/** What is asked of all fields of one name. */
export interface ScalarRequest<Value> {
  readonly fields: readonly Field[];
  readonly expected: string;
  readonly parse: (text: string) => Value | undefined;
  readonly problems: string[];
}

/** The first value wins; another one that differs is a slip as well. */
export function readScalar<Value>({ fields, expected, parse, problems }: ScalarRequest<Value>): Value | undefined {
  let found: { value: Value; line: number } | undefined;
  for (const field of fields) {
    const text = scalarText(field);
    if (text === undefined || isUnanswered(text)) continue;
    const value = parse(text);
    if (value === undefined) {
      if (!isEmptyValue(text) && !field.isVague) problems.push(slip(field, text, expected));
    } else if (found === undefined) {
      found = { value, line: field.line };
    } else if (JSON.stringify(found.value) !== JSON.stringify(value)) {
      problems.push(`Line ${field.line} says something else than line ${found.line}; I use line ${found.line}.`);
    }
  }
  return found?.value;
}

/** The sentence that says which value on which line cannot be read. */
export function slip(field: Field, text: string, expected: string): string {
  return `Line ${field.line}: ${inlineCode(truncate(plainText(text), MAX_QUOTE_LENGTH))} cannot be read; it ${expected}.`;
}

/** What is on the label's line, else the ticked box, else the first line below. */
export function scalarText(field: Field): string | undefined {
  if (field.value !== "") return field.value;
  const ticked = field.content.find((line) => line.checked === true);
  if (ticked) return ticked.text;
  const first = field.content.find((line) => line.checked === undefined);
  return first?.text;
}

/** A form that was left as the template has it: `low | medium | high`, `<tokens>`. */
export function isUnanswered(text: string): boolean {
  const plain = plainText(text);
  return plain.startsWith("<") || /^\p{L}+\s?[|/]\s?\p{L}+\s?[|/]/u.test(plain);
}
