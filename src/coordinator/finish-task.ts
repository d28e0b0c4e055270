/** The ends of a task, and its new beginnings. */
import { enterPhase, type Task, unansweredReviews, withFreshAttempts } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import type { Deps } from "./deps.ts";
import { backToWork } from "./requeue.ts";
import type { Situation } from "./situation.ts";

/** Reviews that one session is told of. */
const TAKEN_AT_ONCE = 5;

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
  const { pull: number, verdict, reviews, outgrown: _profile, lastEnd: _end, ...rest } = task;
  const open = { ...(verdict ? { verdict } : {}), ...(reviews ? { reviews } : {}) };
  const keep = pull?.state === "open" && number !== undefined ? { pull: number, ...open } : {};
  const anew = withFreshAttempts({ ...rest, ...keep, assignment, notBefore: 0 });
  return enterPhase(anew, { state: "reading" }, "assigned again");
}

/** Reviews ask for changes: the agent works again, and is told of them until an accepted commit answers them. */
export function takeReviews(deps: Deps, task: Task, { changeRequests }: Situation): Task {
  if (changeRequests.length === 0 || task.phase.state !== "review") return task;
  // What is told must end somewhere: the rest is taken up after these.
  const taken = changeRequests.slice(0, TAKEN_AT_ONCE);
  const ids = taken.map(({ id }) => id);
  const reviews = { ids, of: unansweredReviews(task)?.of ?? task.phase.sha, answered: false };
  const handled = { ...task.handled, review: Math.max(task.handled.review, ...ids) };
  const names = [...new Set(taken.map(({ author }) => inlineCode(author.login)))];
  return backToWork(deps, { ...task, handled, reviews }, `${names.join(", ")} asked for changes`);
}
