/** What an issue was understood to ask for: tokens of context, difficulty, and how sure we are. */
import { z } from "zod";
import { Difficulty } from "./difficulty.ts";

/** The parts the formula adds up, all in tokens except `files`. */
export const EstimateParts = z.object({
  files: z.number().int().nonnegative(),
  complexityTokens: z.number().nonnegative(),
  testTokens: z.number().nonnegative(),
  documentationTokens: z.number().nonnegative(),
});
export type EstimateParts = z.infer<typeof EstimateParts>;

/** Where the figures come from, best first. */
export const EstimateSource = z.enum(["command", "form", "labels", "content", "defaults"]);
export type EstimateSource = z.infer<typeof EstimateSource>;

/** Tokens of context the work needs, with its parts, its source and a confidence in percent. */
export const Estimate = z.object({
  tokens: z.number().int().positive(),
  parts: EstimateParts.optional(),
  difficulty: Difficulty,
  source: EstimateSource,
  confidence: z.number().min(0).max(100),
  /** What was assumed, each a sentence; with the command that corrects it. */
  assumptions: z.array(z.string()),
});
export type Estimate = z.infer<typeof Estimate>;

/** Confidence in what a person said by command: somebody looked at it. */
export const COMMAND_CONFIDENCE = 95;
/** From this confidence on nobody is asked to check; a form in which anything can be read is worth it. */
export const SURE_CONFIDENCE = 60;
/** Below this the author is asked instead of guessing (specification 5). */
export const LOWEST_CONFIDENCE = 30;
/** Tokens that reading and changing one file takes. */
export const TOKENS_PER_FILE = 7_000;
/** Added for what nobody foresees, in percent of the sum. */
export const BUFFER_PERCENT = 30;
/** An agent gets work of at most this part of its context: the rest is for reading and trying (specification 6). */
export const USABLE_CONTEXT_SHARE = 0.5;
