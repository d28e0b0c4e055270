/** Values of the metadata form, read the way people write them. */
import { DIFFICULTIES, type Difficulty } from "../domain/difficulty.ts";

/** More tokens than any issue needs; a larger figure is a slip. */
const MAX_TOKENS = 100_000_000;
/** More files than one issue changes; a larger figure is a slip. */
export const MAX_FILES = 1_000;
/** What is read of one value. */
const MAX_VALUE_LENGTH = 300;

const NUMBER = String.raw`(\d{1,9}(?:[,.'_ \u00a0\u202f]\d{3}(?!\d)){0,4}(?:\.\d{1,3})?)\s?([kKmM](?![A-Za-z]))?`;
const TOKENS = new RegExp(`^[~≈<>]?\\s?(?:about|approx\\.?|ca\\.?)?\\s?${NUMBER}(?:\\s?[-–—]\\s?${NUMBER})?`, "i");
const GROUPS = /[,.'_ \u00a0\u202f](?=\d{3}(?!\d))/g;
const MULTIPLIERS: Readonly<Record<string, number>> = { k: 1_000, m: 1_000_000 };

const EMPTY = new Set(["", "-", "–", "—", "none", "no", "nothing", "n/a", "na", "nil", "no response", "tbd", "?"]);
const EMPTY_START = /^(?:none|nothing|n\/a)(?![\p{L}\p{N}])/u;
const DIFFICULTY_WORDS: Readonly<Record<string, Difficulty>> = {
  low: "low",
  easy: "low",
  simple: "low",
  trivial: "low",
  small: "low",
  medium: "medium",
  med: "medium",
  moderate: "medium",
  normal: "medium",
  high: "high",
  hard: "high",
  complex: "high",
  difficult: "high",
  large: "high",
};

/** How much documentation an issue asks for. */
export const DOCUMENTATION_LEVELS = ["none", "light", "medium", "heavy"] as const;
/** One of them. */
export type DocumentationLevel = (typeof DOCUMENTATION_LEVELS)[number];

const DOCUMENTATION_WORDS: Readonly<Record<string, DocumentationLevel>> = {
  none: "none",
  no: "none",
  light: "light",
  low: "light",
  minimal: "light",
  medium: "medium",
  moderate: "medium",
  heavy: "heavy",
  high: "heavy",
  extensive: "heavy",
};

/** The text without the marks of emphasis and code around it. */
export function plainText(value: string): string {
  return trimMarks(value.slice(0, MAX_VALUE_LENGTH), "`*_ \t\u00a0");
}

/** True where people say that there is nothing: `none`, `-`, `n/a`, the `_No response_` of issue forms. */
export function isEmptyValue(value: string): boolean {
  const text = trimMarks(value, "`*_ \t.").toLowerCase();
  return EMPTY.has(text) || EMPTY_START.test(text);
}

/** `20,000`, `20000`, `20K`, `~20k tokens`; of a range the upper end. `undefined` when there is no such figure. */
export function parseTokens(value: string): number | undefined {
  const match = TOKENS.exec(plainText(value));
  if (!match) return undefined;
  const [, first = "", firstUnit, second, secondUnit] = match;
  const lower = figure(first, firstUnit ?? (second === undefined ? undefined : secondUnit));
  const tokens = Math.round(Math.max(lower, second === undefined ? 0 : figure(second, secondUnit)));
  return tokens <= MAX_TOKENS ? tokens : undefined;
}

/** The whole number that a value starts with. */
export function parseCount(value: string): number | undefined {
  const count = Number(/^[~≈]?\s?(\d{1,6})(?![\d.,]\d|\w)/.exec(plainText(value))?.[1] ?? Number.NaN);
  return count <= MAX_FILES ? count : undefined;
}

/** low, medium or high in any of the words people use for them. */
export function parseDifficulty(value: string): Difficulty | undefined {
  const word = firstWord(value);
  return Object.hasOwn(DIFFICULTY_WORDS, word) ? DIFFICULTY_WORDS[word] : undefined;
}

/** none, light, medium or heavy in any of the words people use for them. */
export function parseDocumentation(value: string): DocumentationLevel | undefined {
  const word = isEmptyValue(value) ? "none" : firstWord(value);
  return Object.hasOwn(DOCUMENTATION_WORDS, word) ? DOCUMENTATION_WORDS[word] : undefined;
}

/** The tokens in the brackets behind a level: `high (30,000 tokens)`. */
export function parseBracketedTokens(value: string): number | undefined {
  const open = value.indexOf("(");
  return open < 0 ? undefined : parseTokens(value.slice(open + 1));
}

/** The difficulties in a sentence. */
export const DIFFICULTY_CHOICE = `${DIFFICULTIES.slice(0, -1).join(", ")} or ${DIFFICULTIES.at(-1)}`;
/** The documentation levels in a sentence. */
export const DOCUMENTATION_CHOICE = `${DOCUMENTATION_LEVELS.slice(0, -1).join(", ")} or ${DOCUMENTATION_LEVELS.at(-1)}`;

function figure(digits: string, unit: string | undefined): number {
  const grouped = digits.replace(GROUPS, "");
  return Number(grouped) * (MULTIPLIERS[unit?.toLowerCase() ?? ""] ?? 1);
}

function firstWord(value: string): string {
  return /^[^\p{L}]{0,8}(\p{L}{1,20})(?!\p{L})/u.exec(plainText(value))?.[1]?.toLowerCase() ?? "";
}

/** Without regular expressions, because trimming at the end with one is quadratic in hostile text. */
function trimMarks(text: string, marks: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && marks.includes(text.charAt(start))) start += 1;
  while (end > start && marks.includes(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
