/**
 * Usage: `/retry`
 *
 * Starts again with fresh attempts, also after a person was asked.
 */
import { enterPhase, withFreshAttempts } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { LOOK_FIRST } from "./accept.ts";
import { defineCommand, obeyed, refused, whileOpen } from "./command.ts";
import { OPEN_AGAIN } from "./resume.ts";

/** The command `/retry`. */
export const retry = defineCommand({
  name: "retry",
  usage: "/retry",
  summary: "starts again with fresh attempts",
  run: whileOpen(({ task, by }) => {
    const { state } = task.phase;
    if (task.phase.state === "parked" && task.phase.code === "withheld") return refused(task, LOOK_FIRST);
    if (task.phase.state === "parked" && task.phase.code === "merged-elsewhere") return refused(task, OPEN_AGAIN);
    if (state === "working")
      return refused(task, "An agent is at work already. `/pause` stops it, `/status` says more.");
    if (state === "review") {
      return refused(
        task,
        "All gates pass already. Ask for changes in a review, or run the gates again with `/retest`.",
      );
    }
    const fresh = withFreshAttempts(task);
    if (state === "verifying")
      return obeyed(fresh, "Attempts count from 0 again. The gates go on; `/retest` starts them anew.");
    return obeyed(enterPhase(fresh, { state: "reading" }, `${inlineCode(by.login)} said \`/retry\``));
  }),
});
