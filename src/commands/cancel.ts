/**
 * Usage: `/cancel`
 *
 * Stops the task for good, with everything it started. The branch stays.
 */
import { enterPhase } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { defineCommand, obeyed, whileOpen } from "./command.ts";

/** The command `/cancel`. */
export const cancel = defineCommand({
  name: "cancel",
  usage: "/cancel",
  summary: "stops this for good; the branch stays",
  run: whileOpen(({ task, by }) => {
    const detail = `${inlineCode(by.login)} said \`/cancel\``;
    return obeyed(enterPhase(task, { state: "cancelled", detail }, detail));
  }),
});
