/**
 * Usage: `/resume`
 *
 * Goes on after a pause, or after what was missing is there. Attempts stay counted.
 */
import { enterPhase, type ParkCode, type Task } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { LOOK_FIRST } from "./accept.ts";
import { withFigures } from "./choose-again.ts";
import { type CommandContext, defineCommand, obeyed, refused, whileOpen } from "./command.ts";

/** Going on as before would lead back here at once. */
const OTHER_WAYS: Partial<Readonly<Record<ParkCode, string>>> = {
  attempts: "The attempts are used up. `/retry` grants new ones; `/agent <profile>` before it names another agent.",
  "no-work": "The sessions left nothing. `/retry` tries again; `/agent <profile>` before it names another agent.",
  withheld: LOOK_FIRST,
};

/** What goes on after a merge into another branch than the default one. */
export const OPEN_AGAIN = "Nothing failed here: `/resume` opens a pull request into the default branch.";

/** The command `/resume`. */
export const resume = defineCommand({
  name: "resume",
  usage: "/resume",
  summary: "goes on after a pause, or when what was missing is there",
  run: whileOpen((context) => {
    const { task, by } = context;
    const { phase } = task;
    if (phase.state !== "parked")
      return refused(task, "This is not paused and waits for nobody. `/status` says where it stands.");
    const other = OTHER_WAYS[phase.code] ?? (phase.code === "merged-elsewhere" ? missingWork(context) : undefined);
    if (other !== undefined) return refused(task, other);
    return obeyed(
      enterPhase(released(task, phase.code), { state: "reading" }, `${inlineCode(by.login)} said \`/resume\``),
    );
  }),
});

/** Why there is nothing yet to open another pull request for. */
function missingWork({ task, head, issueOpen }: CommandContext): string | undefined {
  if (!issueOpen) return "The issue is closed: reopen it before `/resume`, or `/cancel` if nothing more is wanted.";
  const branch = inlineCode(task.branch);
  return head === undefined ? `The branch ${branch} is gone: restore it, then \`/resume\`.` : undefined;
}

/** What the reason for waiting leaves behind is taken away, so that it does not stop the task again. */
function released(task: Task, code: ParkCode): Task {
  if (code === "our-failure") return { ...task, ourFailures: 0 };
  if (code === "merged-elsewhere") {
    // Verified once more, the work gets a pull request into the default branch, whoever opens it.
    const { pull: _, ...rest } = task;
    return { ...rest, recheck: true };
  }
  if (code !== "unclear" || !task.estimate) return task;
  const { tokens, difficulty } = task.estimate;
  return withFigures(task, { tokens, difficulty });
}
