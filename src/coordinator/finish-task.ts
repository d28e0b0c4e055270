/** The ends of a task, and its new beginnings. */
import { reviewPrompt } from "../continuation/review-prompt.ts";
import { enterPhase, type Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";
import { requeue } from "./requeue.ts";
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
  const { pull: number, verdict, ...rest } = task;
  const keep = pull?.state === "open" && number !== undefined ? { pull: number, ...(verdict ? { verdict } : {}) } : {};
  const counters = { attempts: 0, attemptsWithProfile: 0, noWork: 0, ourFailures: 0, notBefore: 0 };
  return enterPhase({ ...rest, ...keep, ...counters, assignment }, { state: "reading" }, "assigned again");
}

/** A review asks for changes: the agent works again, with the review as its instruction. */
export function takeReview(deps: Deps, task: Task, { review }: Situation): Task {
  if (!review) return task;
  const heard: Task = { ...task, handled: { ...task.handled, review: review.id } };
  const profile = task.sessions.at(-1)?.profile;
  if (profile === undefined) return enterPhase(heard, { state: "reading" }, "a review asks for changes");
  return requeue(deps, heard, profile, reviewPrompt(review), `${review.author.login} asks for changes`);
}
