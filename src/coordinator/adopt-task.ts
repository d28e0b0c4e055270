/** A task whose document is not there: a new one, or one to rebuild from its status comment's signed marker. */

import { BranchName, branchNameFor } from "../domain/branch-name.ts";
import { hasCommentKey } from "../domain/comment-key.ts";
import { issueRefFrom, type TaskId } from "../domain/ids.ts";
import { newTask, type Task } from "../domain/task.ts";
import type { Comment } from "../ports/forge.ts";
import { RUNNER_LOST_MS } from "../protocol/redis-layout.ts";
import { type MarkerData, readMarker } from "../report/marker.ts";
import type { Deps } from "./deps.ts";
import { taskFromMarker } from "./rebuild-task.ts";

/** Makes and stores the document of an issue that is the bot's business; `undefined` when it is not. */
export async function adoptTask(deps: Deps, id: TaskId): Promise<Task | undefined> {
  const ref = issueRefFrom(id);
  const [self, issue] = await Promise.all([deps.forge.self(), deps.forge.readIssue(ref)]);
  if (!issue || issue.isPull) return undefined;
  const comments = await deps.forge.listComments(ref);
  const told = readOwnMarker(deps, id, self.id, comments);
  const marker = typeof told === "object" ? told.data : undefined;
  const mine = issue.state === "open" && issue.assignees.some((assignee) => assignee.id === self.id);
  if (!mine && !marker) return undefined;
  const branch = branchNameFor(ref.number, issue.title);
  const fresh = newTask({ id, title: issue.title, branch, now: deps.clock.now() });
  const task = marker
    ? taskFromMarker(marker, { ...fresh, branch: await branchOf(deps, fresh, marker) })
    : await withAssignment(deps, fresh, comments);
  const whole = told === "unsigned" ? await withWork(deps, task) : task;
  deps.log.info({ task: id, outcome: told === "absent" ? "accepted" : "rebuilt" }, "task adopted");
  return (await deps.store.write(whole)) ?? deps.store.read(id);
}

function readOwnMarker(deps: Deps, id: TaskId, self: number, comments: readonly Comment[]) {
  const own = comments.find((comment) => comment.author.id === self && hasCommentKey(comment.body, "status"));
  return readMarker(own?.body ?? "", deps.markerKeys, id);
}

/**
 * Somebody worked on it before, and what the comment says of that is not to be believed: the gates judge what is there, before
 * anybody is paid to work on. Reviews up to here were of what they judge.
 */
async function withWork(deps: Deps, task: Task): Promise<Task> {
  const { repository } = issueRefFrom(task.id);
  const known = await deps.forge.readRepository(repository);
  const [head, base, pull] = await Promise.all([
    deps.forge.readBranch(repository, task.branch),
    known && deps.forge.readBranch(repository, known.defaultBranch),
    deps.forge.findPull(repository, task.branch),
  ]);
  const fenced: Task = { ...task, notBefore: task.createdAt + RUNNER_LOST_MS };
  if (head === undefined || head === base) return fenced;
  if (pull?.state !== "open") return { ...fenced, recheck: true };
  const reviews = await deps.forge.listReviews(repository, pull.number);
  const handled = { ...task.handled, review: Math.max(0, ...reviews.map(({ id }) => id)) };
  return { ...fenced, recheck: true, pull: pull.number, handled };
}

/** Markers of before did not name the branch; its pull request does, whatever the issue is called by then. */
async function branchOf(deps: Deps, fresh: Task, { branch, pull }: MarkerData): Promise<string> {
  if (branch !== undefined || pull === undefined) return branch ?? fresh.branch;
  const opened = await deps.forge.readPull(issueRefFrom(fresh.id).repository, pull);
  return BranchName.safeParse(opened?.headBranch).data ?? fresh.branch;
}

/** Comments from before the assignment are not addressed to the bot; timeline and comments share their ids. */
async function withAssignment(deps: Deps, task: Task, comments: readonly Comment[]): Promise<Task> {
  const assignment = await deps.forge.lastAssignment(issueRefFrom(task.id));
  const newest = Math.max(0, ...comments.map((comment) => comment.id));
  return {
    ...task,
    assignment: assignment?.id ?? 0,
    ...(assignment ? { assigner: assignment.by.login } : {}),
    handled: { ...task.handled, issueComment: assignment?.id ?? newest, pullComment: assignment?.id ?? newest },
  };
}
