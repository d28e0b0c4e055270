/** Sessions of a task: the one at work, and what is kept of those that ended. */
import { z } from "zod";
import { RunId, Sha } from "./ids.ts";
import { SessionEnding } from "./session-outcome.ts";
import { Usage } from "./usage.ts";

/** One context window of one agent at work. Its id is written to the marker before it starts. */
export const Session = z.object({
  run: RunId,
  profile: z.string(),
  /** Counts from 1 over the task's life. */
  ordinal: z.number().int().positive(),
  /** The default branch's head when it started. */
  base: Sha,
  /** The branch's head when it started; absent: there was no branch. */
  startHead: Sha.optional(),
  /** The prompt's last part: what to do now (how the last one ended, continuation, review). Empty at the first session. */
  instruction: z.string(),
  /** Milliseconds since 1970. */
  startedAt: z.number().int().nonnegative(),
});
export type Session = z.infer<typeof Session>;

/** A session that ended, for the sessions table and the limits. */
export const FinishedSession = z.object({
  run: RunId,
  profile: z.string(),
  ordinal: z.number().int().positive(),
  outcome: SessionEnding,
  /** How it came to that end, in a sentence, bounded; absent where there is nothing to add. */
  why: z.string().optional(),
  /** True when it left work behind. */
  changed: z.boolean(),
  durationMs: z.number().nonnegative(),
  /** What the gateway refused, each once, bounded. */
  refused: z.array(z.string()),
  usage: Usage.optional(),
  costDollars: z.number().nonnegative().optional(),
});
export type FinishedSession = z.infer<typeof FinishedSession>;
