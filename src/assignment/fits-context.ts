/** The 50 % rule: a task may fill at most half of an agent's context. */
import { USABLE_CONTEXT_SHARE } from "../domain/estimate.ts";

/** The smallest context that an estimate fits into. */
export function contextNeeded(tokens: number): number {
  return tokens / USABLE_CONTEXT_SHARE;
}

/** True when the estimate is at most half of the context; exactly half passes. */
export function fitsContext(tokens: number, context: number): boolean {
  return contextNeeded(tokens) <= context;
}
