/** What a size means in the formula's terms, for issues that state no parts. */
import type { EstimateLevels } from "./estimate-tokens.ts";

/** Smallest first; one vocabulary for labels and defaults. */
export const SIZES = ["XS", "S", "M", "L", "XL"] as const;
/** A size as labels name it. */
export type Size = (typeof SIZES)[number];

/** The levels of each size. M is also what an issue without any hint is taken for. */
export const LEVELS_BY_SIZE: Readonly<Record<Size, EstimateLevels>> = {
  XS: { files: 1, complexity: "low", tests: "low", documentation: "none" },
  S: { files: 1, complexity: "low", tests: "medium", documentation: "light" },
  M: { files: 2, complexity: "medium", tests: "medium", documentation: "light" },
  L: { files: 4, complexity: "high", tests: "medium", documentation: "light" },
  XL: { files: 8, complexity: "high", tests: "high", documentation: "heavy" },
};
