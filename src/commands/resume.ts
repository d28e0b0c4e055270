/**
 * Usage: `/resume`
 *
 * Goes on after a pause, or after what was missing is there. Attempts stay counted.
 */
import { enterPhase, type ParkCode, type Task } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { withFigures } from "./choose-again.ts";
import { defineCommand, obeyed, refused, whileOpen } from "./command.ts";

/** Going on as before would lead back here at once. */
const OTHER_WAYS: Partial<Readonly<Record<ParkCode, string>>> = {
  attempts: "The attempts are used up. `/retry` grants new ones; `/agent <profile>` before it names another agent.",
  "no-work": "The sessions left nothing. `/retry` tries again; `/agent <profile>` before it names another agent.",
  withheld: "A person must look at what the branch changed: `/accept`, or push a commit that takes it back.",
};

/** The command `/resume`. */
export const resume = defineCommand({
  name: "resume",
  usage: "/resume",
  summary: "goes on after a pause, or when what was missing is there",
  permission: "write",
  run: whileOpen(({ task, by }) => {
    const { phase } = task;
    if (phase.state !== "parked")
      return refused(task, "This is not paused and waits for nobody. `/status` says where it stands.");
    const other = OTHER_WAYS[phase.code];
    if (other !== undefined) return refused(task, other);
    return obeyed(
      enterPhase(released(task, phase.code), { state: "reading" }, `${inlineCode(by.login)} said \`/resume\``),
    );
  }),
});

/** What the reason for waiting leaves behind is taken away, so that it does not stop the task again. */
function released(task: Task, code: ParkCode): Task {
  if (code === "our-failure")
    return { ...task, ourFailures: 0, recheck: task.recheck || task.verdict?.outcome === "failed" };
  if (code !== "unclear" || !task.estimate) return task;
  const { tokens, difficulty } = task.estimate;
  return withFigures(task, { tokens, difficulty });
}
