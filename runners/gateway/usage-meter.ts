/** Sums what a session's requests used. */
import type { Usage } from "../../src/domain/usage.ts";
import type { AnswerUsage } from "./anthropic-usage.ts";

/** One session's figures; every forwarded request ends in exactly one call. */
export interface UsageMeter {
  /** The provider answered to the end. */
  answered(answer: AnswerUsage): void;
  /** The answer has no end; who cut it short is not known. */
  cutShort(answer: AnswerUsage): void;
  /** The provider answered with an error, or could not be reached. */
  failed(whose: "the provider's" | "the request's"): void;
  /** Absent before the first request. */
  usage(): Usage | undefined;
  /** True while what was asked last failed through no fault of the request. */
  isFailing(): boolean;
}

/** A meter at zero. */
export function createUsageMeter(): UsageMeter {
  let total: Usage | undefined;
  let isFailing = false;
  const request = (): Usage => {
    const before = total ?? EMPTY;
    return { ...before, requests: before.requests + 1 };
  };
  return {
    answered: (answer) => {
      total = addAnswer(request(), answer);
      isFailing = answer.failed;
    },
    cutShort: (answer) => {
      total = addAnswer(request(), answer);
    },
    failed: (whose) => {
      const counted = request();
      total = { ...counted, providerErrors: counted.providerErrors + 1 };
      isFailing = whose === "the provider's";
    },
    usage: () => total,
    isFailing: () => isFailing,
  };
}

const EMPTY: Usage = {
  requests: 0,
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  contextTokens: 0,
  providerErrors: 0,
};

function addAnswer(usage: Usage, { tokens, whole, failed }: AnswerUsage): Usage {
  const counted = {
    ...usage,
    ...(whole ? {} : { unmeasuredRequests: (usage.unmeasuredRequests ?? 0) + 1 }),
    providerErrors: usage.providerErrors + (failed ? 1 : 0),
  };
  if (tokens === undefined) return counted;
  return {
    ...counted,
    inputTokens: counted.inputTokens + tokens.input,
    cachedTokens: counted.cachedTokens + tokens.cached,
    outputTokens: counted.outputTokens + tokens.output,
    contextTokens: tokens.input + tokens.cached + tokens.output,
  };
}
