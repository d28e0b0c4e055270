/** How an agent's session ended. */
import { z } from "zod";

/** What a runner says of it. */
export const SessionOutcome = z.enum([
  /** Exit code 0: the agent says it is done. */
  "claimed",
  /** Any other exit code, or death by a signal. */
  "stopped",
  /** Killed at the turn or session limit. */
  "limit",
  /** Its model's provider left it no chance: nothing but errors, or errors until it gave up. A failure of ours. */
  "provider-error",
  /** Work was there but the branch had moved meanwhile. A failure of ours. */
  "push-refused",
  /** Anything else of ours: no workspace, no sandbox, no disk, set-up failed. */
  "error",
]);
export type SessionOutcome = z.infer<typeof SessionOutcome>;

/** What is kept of it, also where no runner said anything. */
export const SessionEnding = z.enum([
  ...SessionOutcome.options,
  /** Its runner is gone. */
  "lost",
  /** The task was rebuilt from its comment, which says only that there was one. */
  "not-recorded",
]);
export type SessionEnding = z.infer<typeof SessionEnding>;
