/**
 * Usage: `/pause`
 *
 * Stops what runs and starts nothing until `/resume`.
 */
import { enterPhase } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { defineCommand, obeyed, refused, whileOpen } from "./command.ts";

/** The command `/pause`. */
export const pause = defineCommand({
  name: "pause",
  usage: "/pause",
  summary: "stops what runs until `/resume`",
  run: whileOpen(({ task, by, now }) => {
    const { phase } = task;
    if (phase.state === "parked")
      return refused(task, "Nothing runs: this waits for you already. `/why` says for what.");
    if (phase.state === "review")
      return refused(task, "Nothing runs: this waits for your review. `/cancel` stops it for good.");
    const detail = `${inlineCode(by.login)} said \`/pause\``;
    return obeyed(enterPhase(task, { state: "parked", code: "paused", detail, since: now }, detail));
  }),
});
