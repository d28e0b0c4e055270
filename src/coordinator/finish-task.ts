/** The ends of a task, and its new beginnings. */
import { enterPhase, type Task, withFreshAttempts } from "../domain/task.ts";
import type { Deps } from "./deps.ts";
import { backToWork } from "./requeue.ts";
import type { Situation } from "./situation.ts";

/** Done: its issue is closed. */
export function finishTask(task: Task, detail: string): Task {
  return enterPhase(task, { state: "done", detail }, detail);
}

/** Cancelled: what it started is stopped, its branch stays. */
export function cancelTask(task: Task, detail: string): Task {
  return enterPhase(task, { state: "cancelled", detail }, detail);
}

/** Assigned again: it starts anew with its history, and a closed pull request is left behind. */
export function restartTask(task: Task, assignment: number, { pull }: Situation): Task {
  const { pull: number, verdict, review, outgrown: _profile, lastEnd: _end, ...rest } = task;
  const open = { ...(verdict ? { verdict } : {}), ...(review ? { review } : {}) };
  const keep = pull?.state === "open" && number !== undefined ? { pull: number, ...open } : {};
  const anew = withFreshAttempts({ ...rest, ...keep, assignment, notBefore: 0 });
  return enterPhase(anew, { state: "reading" }, "assigned again");
}

/** A review asks for changes: the agent works again, and is told of it until an accepted commit answers it. */
export function takeReview(deps: Deps, task: Task, { review }: Situation): Task {
  if (!review || task.phase.state !== "review") return task;
  const open = task.review?.id === review.id ? task.review : { id: review.id, of: task.phase.sha, answered: false };
  const handled = { ...task.handled, review: Math.max(task.handled.review, review.id) };
  const heard: Task = { ...task, handled, review: open };
  return backToWork(deps, heard, `${review.author.login} asks for changes`);
}
