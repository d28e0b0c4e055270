/** Which profile is stronger than which: by what it is trusted with, then by what it costs. */
import type { AgentProfile } from "../domain/agent-profile.ts";
import { DIFFICULTIES } from "../domain/difficulty.ts";
import { expectedDollars } from "./expected-cost.ts";

/** Prices are compared on a task of this size; any size gives the same order. */
const COMPARED_TOKENS = 100_000;

/** True when a task that `weaker` could not finish may be stepped up to `stronger`. */
export function isStronger(stronger: AgentProfile, weaker: AgentProfile): boolean {
  const more = DIFFICULTIES.indexOf(stronger.difficulty) - DIFFICULTIES.indexOf(weaker.difficulty);
  if (more !== 0) return more > 0;
  return expectedDollars(COMPARED_TOKENS, stronger.price) > expectedDollars(COMPARED_TOKENS, weaker.price);
}
