/** The formula that turns levels into tokens of context; kept as it is known, so that results compare. */
import type { Difficulty } from "../domain/difficulty.ts";
import { BUFFER_PERCENT, type EstimateParts, TOKENS_PER_FILE } from "../domain/estimate.ts";
import type { DocumentationLevel } from "./form-values.ts";

/** A stated total within this many percent of the computed one was rounded. */
const ROUNDING_PERCENT = 2;

const COMPLEXITY_TOKENS: Readonly<Record<Difficulty, number>> = { low: 10_000, medium: 20_000, high: 30_000 };
const TEST_TOKENS: Readonly<Record<Difficulty | "none", number>> = {
  none: 0,
  low: 5_000,
  medium: 10_000,
  high: 15_000,
};
const DOCUMENTATION_TOKENS: Readonly<Record<DocumentationLevel, number>> = {
  none: 0,
  light: 2_000,
  medium: 3_000,
  heavy: 5_000,
};

/** The formula's input: a level for each part, and the number of files. */
export interface EstimateLevels {
  readonly files: number;
  readonly complexity: Difficulty;
  readonly tests: Difficulty | "none";
  readonly documentation: DocumentationLevel;
}

/** Tokens for these levels: (files × 7,000 + complexity + tests + documentation) × 1.3. */
export function estimateTokens(levels: EstimateLevels): number {
  return tokensFromParts(partsFromLevels(levels));
}

/** The tokens each level stands for. */
export function partsFromLevels(levels: EstimateLevels): EstimateParts {
  return {
    files: levels.files,
    complexityTokens: COMPLEXITY_TOKENS[levels.complexity],
    testTokens: TEST_TOKENS[levels.tests],
    documentationTokens: DOCUMENTATION_TOKENS[levels.documentation],
  };
}

/** The formula on parts whose tokens are known. */
export function tokensFromParts(parts: EstimateParts): number {
  const sum = parts.files * TOKENS_PER_FILE + parts.complexityTokens + parts.testTokens + parts.documentationTokens;
  return Math.max(1, Math.round((sum * (100 + BUFFER_PERCENT)) / 100));
}

/** True when a stated total is not what its own parts add up to, rounding aside. */
export function totalDisagrees(stated: number, computed: number): boolean {
  return Math.abs(stated - computed) * 100 > computed * ROUNDING_PERCENT;
}
