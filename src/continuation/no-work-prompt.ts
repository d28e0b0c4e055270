/** What a session is told after one that left nothing, or stopped before the end. */
import { plainLine, truncate } from "../lib/text.ts";

const MAX_SUMMARY = 500;

/** After a session that changed nothing: a different wording than the one that led nowhere. */
export function fruitlessPrompt(summary: string): string {
  return [
    `The session before this one left no change at all (${said(summary)}), so nothing was checked. A statement that the work is done, a plan or an explanation is not work.`,
    "Start with the smallest change that the issue needs. First read the files it touches; then edit them; then run the gates.",
    "If the code seems to do already what the issue asks, add a test that proves it and leave that. End with exit code 0 only when files were changed and all gates would pass.",
  ].join("\n\n");
}

/** After a session that ended with work, but without saying that it is done. */
export function stoppedPrompt(summary: string): string {
  return [
    `The session before this one stopped before it was done (${said(summary)}). Its changes are in this checkout, the last commit of the branch.`,
    "Look at them first (`git show`), keep what is right, and finish the rest. The task is finished when every gate passes on one commit; a part of it does not count.",
  ].join("\n\n");
}

function said(summary: string): string {
  return summary === "" ? "it said that it was done" : plainLine(truncate(summary, MAX_SUMMARY)).replace(/\.$/, "");
}
