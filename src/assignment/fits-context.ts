/** The 50 % rule: a task may fill at most half of an agent's context. */

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
