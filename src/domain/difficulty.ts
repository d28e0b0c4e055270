/** How hard a task is, and what an agent profile is trusted with. One vocabulary for both. */
import { z } from "zod";

/** Hardest last: an agent trusted with one is trusted with all before it. */
export const DIFFICULTIES = ["low", "medium", "high"] as const;

export const Difficulty = z.enum(DIFFICULTIES);
export type Difficulty = z.infer<typeof Difficulty>;

/** True when an agent trusted with `ability` may be given work of `difficulty`. */
export function coversDifficulty(ability: Difficulty, difficulty: Difficulty): boolean {
  return DIFFICULTIES.indexOf(ability) >= DIFFICULTIES.indexOf(difficulty);
}
