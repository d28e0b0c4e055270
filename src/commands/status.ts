/**
 * Usage: `/status`
 *
 * Says in one line where the task stands; the status comment has the rest.
 */
import { inlineCode, plainLine } from "../lib/text.ts";
import { sentence } from "../report/sentence.ts";
import { defineCommand, obeyed } from "./command.ts";

/** The command `/status`. */
export const status = defineCommand({
  name: "status",
  usage: "/status",
  summary: "says where this stands",
  run: ({ task }) => {
    const state = inlineCode(task.phase.state === "parked" ? `parked: ${task.phase.code}` : task.phase.state);
    return obeyed(
      task,
      `${state} ${sentence(plainLine(task.reason))} See the status comment above; \`/why\` says more.`,
    );
  },
});
