/** The 50 % rule: a task may fill at most half of an agent's context. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import { coversDifficulty, type Difficulty } from "../domain/difficulty.ts";

/** An agent's context must be at least this many times the estimate. */
const CONTEXT_PER_ESTIMATE = 2;

/** The smallest context that an estimate fits into. */
export function contextNeeded(tokens: number): number {
  return tokens * CONTEXT_PER_ESTIMATE;
}

/** True when the estimate is at most half of the context; exactly half passes. */
export function fitsContext(tokens: number, context: number): boolean {
  return contextNeeded(tokens) <= context;
}

/** The largest estimate that any profile trusted with `difficulty` could take, and whose it is; `undefined`: none is. */
export function largestFit(
  profiles: AgentProfiles,
  difficulty: Difficulty,
): { readonly profile: string; readonly tokens: number } | undefined {
  return Object.entries(profiles)
    .filter(([, profile]) => coversDifficulty(profile.difficulty, difficulty))
    .map(([profile, { context }]) => ({ profile, tokens: Math.floor(context / CONTEXT_PER_ESTIMATE) }))
    .reduce<{ profile: string; tokens: number } | undefined>(
      (largest, fit) => (largest && largest.tokens >= fit.tokens ? largest : fit),
      undefined,
    );
}
