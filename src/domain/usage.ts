/** What a session used, as the gateway read it. Unmeasured is absent, never 0. */
import { z } from "zod";
import type { Price } from "./agent-profile.ts";

/** Tokens of one session, summed over its requests; `contextTokens` is the last request's whole input plus output. */
export const Usage = z.object({
  /** Requests for a message that were forwarded, also those that failed. */
  requests: z.number().int().nonnegative(),
  /** Input that was not read from the provider's cache (cache writes included). */
  inputTokens: z.number().int().nonnegative(),
  cachedTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  contextTokens: z.number().int().nonnegative(),
  /** Of the requests, those the provider answered with an error or not at all; never counted as work. */
  providerErrors: z.number().int().nonnegative(),
  /** Of the requests, those whose usage could not be read in full: the sums are then a lower bound. Absent: none. */
  unmeasuredRequests: z.number().int().positive().optional(),
});
export type Usage = z.infer<typeof Usage>;

const TOKENS_PER_PRICE_UNIT = 1_000_000;

/** Dollars that `usage` costs at `price`; cached input costs as input where no cached price is given. */
export function costDollars(usage: Usage, price: Price): number {
  const cached = price.cached ?? price.input;
  const dollars = usage.inputTokens * price.input + usage.cachedTokens * cached + usage.outputTokens * price.output;
  return dollars / TOKENS_PER_PRICE_UNIT;
}
