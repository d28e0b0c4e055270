/** What a task of a given size is expected to cost at a profile's price. */
import type { Price } from "../domain/agent-profile.ts";
import { costDollars, type Usage } from "../domain/usage.ts";

/** Requests an agent makes until its context has grown to the estimate; an assumption, not a measurement. */
const EXPECTED_REQUESTS = 40;
/** Part of the context that the agent itself wrote, in percent; an assumption, not a measurement. */
const OUTPUT_PERCENT = 10;

/**
 * The tokens that an estimate stands for on a bill.
 *
 * Model APIs keep no state: each request carries the whole context so far. So what enters the context is paid once, as input
 * or as output, and is read again from the provider's cache with every later request. A context that grows evenly to E in n
 * requests is re-read E × (n − 1) ÷ 2 tokens' worth. The number of requests and the output's part are the two assumptions;
 * they scale all prices alike, so they move the figures shown and hardly ever the order.
 */
export function expectedUsage(tokens: number): Usage {
  const outputTokens = Math.round((tokens * OUTPUT_PERCENT) / 100);
  return {
    requests: EXPECTED_REQUESTS,
    inputTokens: tokens - outputTokens,
    cachedTokens: Math.round((tokens * (EXPECTED_REQUESTS - 1)) / 2),
    outputTokens,
    contextTokens: tokens,
    providerErrors: 0,
  };
}

/** Dollars that a task of `tokens` is expected to cost at list price; self-hosted is 0. */
export function expectedDollars(tokens: number, price: Price): number {
  return costDollars(expectedUsage(tokens), price);
}
