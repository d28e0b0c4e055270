/**
 * Usage: `/retest [gate]`
 *
 * Runs the gates again on the branch's head, without results of earlier runs; with a name that gate alone.
 */
import { enterPhase, type Task } from "../domain/task.ts";
import { inlineCode, truncate } from "../lib/text.ts";
import { gateRowsOf } from "../report/gate-table.ts";
import { defineCommand, obeyed, refused, whileOpen } from "./command.ts";
import { OPEN_AGAIN } from "./resume.ts";

const MAX_SHOWN = 60;

/** The command `/retest`. */
export const retest = defineCommand({
  name: "retest",
  usage: "/retest [gate]",
  summary: "runs the gates again, without earlier results",
  run: whileOpen(({ task, args, by }) => {
    if (task.phase.state === "working") {
      return refused(task, "An agent is at work; the gates run when it is done. `/pause` stops it.");
    }
    if (task.phase.state === "parked" && task.phase.code === "merged-elsewhere") return refused(task, OPEN_AGAIN);
    if (task.head === undefined && task.pull === undefined) {
      return refused(task, "There is no work to test yet. `/status` says where this stands.");
    }
    const name = args.replaceAll("`", "");
    const problem = unknownGate(task, name);
    if (problem !== undefined) return refused(task, problem);
    const { recheckGate: _, ...rest } = task;
    const asked = { ...rest, recheck: true, ...(name === "" ? {} : { recheckGate: name }) };
    return obeyed(enterPhase(asked, { state: "reading" }, `${inlineCode(by.login)} said \`/retest\``));
  }),
});

function unknownGate(task: Task, name: string): string | undefined {
  const names = gateRowsOf(task).map((row) => row.name);
  if (name === "" || names.length === 0 || names.includes(name)) return undefined;
  const known = names.map(inlineCode).join(", ");
  return `There is no gate ${inlineCode(truncate(name, MAX_SHOWN))}; there are ${known}. \`/retest\` runs them all.`;
}
