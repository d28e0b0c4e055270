/** Reads what an issue's labels say: `difficulty/*`, `size/*`, `priority/*`, `use/<profile>`. */
import { DIFFICULTIES, type Difficulty } from "../domain/difficulty.ts";
import { parseDifficulty } from "./form-values.ts";
import { SIZES, type Size } from "./sizes.ts";

/** What an issue's labels say. */
export interface LabelReading {
  readonly difficulty: Difficulty | undefined;
  readonly size: Size | undefined;
  /** Low comes first. */
  readonly priority: number;
  readonly agent: string | undefined;
  /** The labels that were read, sorted: the others change nothing. */
  readonly read: readonly string[];
}

/** The priority of an issue that names none; 0 goes first. */
export const DEFAULT_PRIORITY = 2;
const PRIORITY_WORDS: Readonly<Record<string, number>> = {
  critical: 0,
  urgent: 0,
  blocker: 0,
  high: 1,
  medium: DEFAULT_PRIORITY,
  normal: DEFAULT_PRIORITY,
  low: 3,
  minor: 3,
};
const SIZE_WORDS: Readonly<Record<string, Size>> = {
  xs: "XS",
  tiny: "XS",
  s: "S",
  small: "S",
  m: "M",
  medium: "M",
  l: "L",
  large: "L",
  xl: "XL",
  xxl: "XL",
  huge: "XL",
};
const LABEL = /^\s*(difficulty|size|priority|use)\s?[/:]\s?(\S{1,64})\s*$/i;

/** Of several labels of one kind the hardest, largest and most urgent counts. */
export function readLabels(labels: readonly string[]): LabelReading {
  const known = labels.flatMap((label) => {
    const [, kind = "", value = ""] = LABEL.exec(label) ?? [];
    return kind === "" ? [] : [{ label, kind: kind.toLowerCase(), value }];
  });
  const valuesOf = (kind: string) => known.filter((label) => label.kind === kind).map((label) => label.value);
  const sizes = valuesOf("size").map((value) => wordIn(SIZE_WORDS, value));
  const difficulties = valuesOf("difficulty").map(parseDifficulty);
  const priorities = valuesOf("priority").flatMap((value) => priorityFrom(value) ?? []);
  return {
    difficulty: DIFFICULTIES.findLast((difficulty) => difficulties.includes(difficulty)),
    size: SIZES.findLast((size) => sizes.includes(size)),
    priority: priorities.length === 0 ? DEFAULT_PRIORITY : Math.min(...priorities),
    agent: valuesOf("use")[0],
    read: known.map((label) => label.label).sort(),
  };
}

/** `high`, `1`, `P1`; 0 is the most urgent. */
function priorityFrom(value: string): number | undefined {
  const number = /^p?(\d)$/i.exec(value)?.[1];
  return number === undefined ? wordIn(PRIORITY_WORDS, value) : Number(number);
}

function wordIn<Value>(words: Readonly<Record<string, Value>>, value: string): Value | undefined {
  const word = value.toLowerCase();
  return Object.hasOwn(words, word) ? words[word] : undefined;
}
