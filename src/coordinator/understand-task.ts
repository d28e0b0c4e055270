/** Steps before an agent is chosen: take in what the issue asks, ask its author, wait for blockers. */
import { enterPhase, type Task } from "../domain/task.ts";
import { questionsComment } from "../report/questions-comment.ts";
import type { Deps } from "./deps.ts";
import { parkTask } from "./park-task.ts";
import type { Situation } from "./situation.ts";

/** The task with the issue's present text taken in. */
export function understandTask(task: Task, { issue, understanding }: Situation): Task {
  if (!issue || !understanding) return task;
  const read: Task = {
    ...task,
    title: issue.title,
    estimate: understanding.estimate,
    contentHash: understanding.contentHash,
    blockedBy: understanding.blockedBy.map((blocker) => blocker.issue),
  };
  return enterPhase(read, { state: "reading" }, "the issue was read");
}

/** Parked with questions: too little can be told from the text. */
export function askAuthor(deps: Deps, task: Task, { understanding }: Situation): Task {
  if (!task.estimate) return task;
  const body = questionsComment({ estimate: task.estimate, questions: understanding?.questions });
  return parkTask(deps, task, "unclear", "the issue leaves open what is asked", body);
}

/** Waiting for what blocks it. */
export function blockTask(task: Task, { facts }: Situation): Task {
  const open = facts.blockers.filter((blocker) => blocker.state !== "closed");
  const names = open.map((blocker) =>
    blocker.state === "open" ? blocker.issue : `${blocker.issue}, which cannot be read`,
  );
  const waiting: Task = { ...task, blockedBy: facts.blockers.map((blocker) => blocker.issue) };
  return enterPhase(waiting, { state: "blocked", blockers: [...facts.blockers] }, `waits for ${names.join(" and ")}`);
}

/** Nothing blocks it any more. */
export function unblockTask(task: Task): Task {
  return enterPhase(task, { state: "reading" }, "everything it waited for is closed");
}
