/** What one context says of a commit, in the words of forges. */
import { z } from "zod";

/** How it stands. */
export const StatusState = z.enum(["pending", "success", "failure", "error"]);
export type StatusState = z.infer<typeof StatusState>;

export const CommitStatus = z.object({
  context: z.string(),
  state: StatusState,
  description: z.string(),
  targetUrl: z.string().optional(),
});
export type CommitStatus = z.infer<typeof CommitStatus>;
