/** Steps before an agent is chosen: take in what the issue asks, ask its author, wait for blockers. */
import { issueRefFrom } from "../domain/ids.ts";
import { type Blocker, enterPhase, type Phase, type Task } from "../domain/task.ts";
import { circleComment } from "../report/circle-comment.ts";
import { questionsComment } from "../report/questions-comment.ts";
import type { Deps } from "./deps.ts";
import { findCircle } from "./find-circle.ts";
import { parkTask, withComment } from "./park-task.ts";
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

/** Waiting for what blocks it; a circle of blockers is named, because nobody in it can ever begin. */
export async function blockTask(deps: Deps, task: Task, { facts }: Situation): Promise<Task> {
  const open = facts.blockers.filter((blocker) => blocker.state !== "closed");
  const waiting: Task = { ...task, blockedBy: facts.blockers.map((blocker) => blocker.issue) };
  const phase: Phase = { state: "blocked", blockers: [...facts.blockers] };
  const circle = await findCircle(deps, waiting);
  if (!circle) return enterPhase(waiting, phase, open.map((blocker) => nameOf(waiting, blocker)).join("; "));
  const blocked = enterPhase(waiting, phase, `waits in a circle: ${circle.join(" waits for ")}`);
  return withComment(blocked, `circle:${circle.join(":").replace(/[^\w:.-]/g, "-")}`, circleComment(circle));
}

function nameOf(task: Task, { issue, state }: Blocker): string {
  const { repository, number } = issueRefFrom(issue);
  const name = repository === issueRefFrom(task.id).repository ? `#${number}` : issue;
  if (state === "unreadable") return `${name} cannot be read, so it counts as open`;
  return state === "doubtful" ? `${name} has a title that is not the one named here` : `${name} is still open`;
}

/** Nothing blocks it any more. */
export function unblockTask(task: Task): Task {
  return enterPhase(task, { state: "reading" }, "everything it waited for is closed");
}
