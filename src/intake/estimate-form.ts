/** Turns what the form states into an estimate: fills what is missing, and says where it contradicts itself. */

import { type EstimateParts, SURE_CONFIDENCE } from "../domain/estimate.ts";
import { type Assumption, assume } from "./assumption.ts";
import { type EstimateLevels, partsFromLevels, tokensFromParts, totalDisagrees } from "./estimate-tokens.ts";
import type { IssueMetadata } from "./read-metadata.ts";

/** The estimate that a form states. */
export interface FormEstimate {
  readonly tokens: number;
  /** Absent: only a total is stated. */
  readonly parts: EstimateParts | undefined;
  readonly confidence: number;
  readonly assumptions: readonly Assumption[];
  readonly problems: readonly string[];
  readonly questions: readonly string[];
}

/** Confidence in a form that has everything. */
const COMPLETE_FORM_CONFIDENCE = 95;
const CONTRADICTION_CONFIDENCE = 25;
/** A total that is this many times its own parts, or that part of them, has lost or gained a digit: nobody can tell which. */
const CONTRADICTION_FACTOR = 10;
/** What each missing part costs in confidence, in percent. */
const PART_WEIGHTS = { files: 10, complexity: 10, tests: 5, documentation: 5 } as const;
const TOTAL_ONLY_WEIGHT = 5;
const DISAGREEMENT_WEIGHT = 10;

type PartName = keyof typeof PART_WEIGHTS;
const PART_NAMES: readonly PartName[] = ["files", "complexity", "tests", "documentation"];

/** The estimate of a form; `undefined` when it states neither parts nor a total. `fallback` fills what is missing. */
export function estimateForm(metadata: IssueMetadata, fallback: EstimateLevels): FormEstimate | undefined {
  const missing = PART_NAMES.filter((name) => metadata[name] === undefined);
  const { totalTokens } = metadata;
  if (totalTokens !== undefined) return estimateWithTotal(metadata, totalTokens, missing);
  if (missing.length === PART_NAMES.length) return undefined;
  const parts = { ...partsFromLevels(fallback), ...statedParts(metadata) };
  const lost = missing.reduce((sum, name) => sum + PART_WEIGHTS[name], 0);
  return {
    tokens: tokensFromParts(parts),
    parts,
    confidence: Math.max(SURE_CONFIDENCE, COMPLETE_FORM_CONFIDENCE - lost),
    assumptions: missing.map((name) =>
      assume("size", `${PART_SUBJECTS[name]}: ${fallback[name]}`, "the form does not say"),
    ),
    problems: [],
    questions: [],
  };
}

const PART_SUBJECTS: Readonly<Record<PartName, string>> = {
  files: "Files to modify",
  complexity: "Implementation complexity",
  tests: "Test requirements",
  documentation: "Documentation",
};

/** Parts that are not stated count nothing against a total, so that it is only doubted for what it leaves out. */
function estimateWithTotal(metadata: IssueMetadata, total: number, missing: readonly PartName[]): FormEstimate {
  const parts = { ...NO_PARTS, ...statedParts(metadata) };
  const computed = missing.length === PART_NAMES.length ? 0 : tokensFromParts(parts);
  const disagrees = computed > 0 && totalDisagrees(total, computed) && (missing.length === 0 || computed > total);
  const tokens = disagrees ? Math.max(total, computed) : total;
  const isContradiction = disagrees && Math.max(total, computed) >= CONTRADICTION_FACTOR * Math.min(total, computed);
  const lost = (computed === 0 ? TOTAL_ONLY_WEIGHT : 0) + (disagrees ? DISAGREEMENT_WEIGHT : 0);
  const figures = `${format(total)} tokens, but its own parts make ${format(computed)}`;
  return {
    tokens,
    parts: missing.length === 0 ? parts : undefined,
    confidence: isContradiction ? CONTRADICTION_CONFIDENCE : COMPLETE_FORM_CONFIDENCE - lost,
    assumptions: [],
    problems: disagrees ? [`The form states a total of ${figures}; I use the larger one.`] : [],
    questions: isContradiction
      ? [
          `The form states a total of ${figures}. Which one is right? Answer with \`/estimate ${tokens}\` or another number.`,
        ]
      : [],
  };
}

const NO_PARTS: EstimateParts = { files: 0, complexityTokens: 0, testTokens: 0, documentationTokens: 0 };

/** Tokens in brackets are what the writer meant; a level without them stands for the formula's. */
function statedParts(metadata: IssueMetadata): Partial<EstimateParts> {
  const { files, complexity, tests, documentation } = metadata;
  const ofLevel = partsFromLevels({
    files: files ?? 0,
    complexity: complexity?.level ?? "medium",
    tests: tests?.level ?? "medium",
    documentation: documentation?.level ?? "none",
  });
  return {
    ...(files === undefined ? {} : { files }),
    ...(complexity && { complexityTokens: complexity.tokens ?? ofLevel.complexityTokens }),
    ...(tests && { testTokens: tests.tokens ?? ofLevel.testTokens }),
    ...(documentation && { documentationTokens: documentation.tokens ?? ofLevel.documentationTokens }),
  };
}

function format(tokens: number): string {
  return tokens.toLocaleString("en-US");
}
