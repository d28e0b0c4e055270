/** Changes of issues and pull requests, each with its timeline entry and its events. */
import { changesFrom, tellThread } from "./notify.ts";
import { type Entry, type Issue, nextId, type Repository, type User } from "./state.ts";
import { timestamp, type World } from "./world.ts";

/** Finds an issue or pull request by its number. */
export function findIssue(world: World, repository: Repository, number: number): Issue | undefined {
  return world.state.issues.find((issue) => issue.repositoryId === repository.id && issue.number === number);
}

/** Writes a line into a thread; it counts as a change of the issue. */
export function addEntry(
  world: World,
  issue: Issue,
  entry: Omit<Entry, "id" | "issueId" | "created" | "updated" | "body"> & { readonly body?: string },
): Entry {
  const now = timestamp();
  const full = { body: "", ...entry, id: nextId(world.state, "entry"), issueId: issue.id, created: now, updated: now };
  world.state.entries.push(full);
  issue.updated = now;
  return full;
}

/** Open issues that an issue waits for. */
export function openBlockers(world: World, issue: Issue): readonly Issue[] {
  const ids = world.state.dependencies.filter(({ issueId }) => issueId === issue.id).map(({ blockerId }) => blockerId);
  return world.state.issues.filter((candidate) => ids.includes(candidate.id) && candidate.state === "open");
}

/** Closes an issue; one with open blockers is left open, and `false` is returned. */
export async function closeIssue(world: World, issue: Issue, doer: User, commit?: string): Promise<boolean> {
  if (openBlockers(world, issue).length > 0) return false;
  issue.state = "closed";
  issue.closed = timestamp();
  if (issue.pull) issue.pull.scheduled = null;
  addEntry(world, issue, { type: "close", userId: doer.id });
  const audience = "poster";
  await tellThread(world, { action: "closed", issue, doer }, { audience, ...(commit ? { commit } : {}) });
  return true;
}

/** Opens a closed issue again. */
export async function reopenIssue(world: World, issue: Issue, doer: User): Promise<void> {
  issue.state = "open";
  issue.closed = null;
  addEntry(world, issue, { type: "reopen", userId: doer.id });
  await tellThread(world, { action: "reopened", issue, doer }, { audience: "poster" });
}

/** Gives an issue these assignees: one entry and one event for each person, who is not named in the event. */
export async function setAssignees(world: World, issue: Issue, wanted: readonly number[], doer: User): Promise<void> {
  for (const id of issue.assigneeIds.filter((assigned) => !wanted.includes(assigned))) {
    issue.assigneeIds = issue.assigneeIds.filter((assigned) => assigned !== id);
    addEntry(world, issue, { type: "assignees", userId: doer.id, assigneeId: id, removedAssignee: true });
    await tellThread(world, { aspect: "assign", action: "unassigned", issue, doer });
  }
  for (const id of wanted.filter((candidate) => !issue.assigneeIds.includes(candidate))) {
    issue.assigneeIds = [...issue.assigneeIds, id];
    addEntry(world, issue, { type: "assignees", userId: doer.id, assigneeId: id, removedAssignee: false });
    await tellThread(world, { aspect: "assign", action: "assigned", issue, doer });
  }
}

/** Changes the title; the same title changes nothing. */
export async function setTitle(world: World, issue: Issue, title: string, doer: User): Promise<void> {
  if (issue.title === title) return;
  const from = issue.title;
  issue.title = title;
  addEntry(world, issue, { type: "change_title", userId: doer.id, oldTitle: from, newTitle: title });
  const changes = changesFrom("title", from);
  await tellThread(world, { action: "edited", issue, doer }, { changes, audience: "poster" });
}

/** Changes the text; the same text changes nothing. */
export async function setBody(world: World, issue: Issue, body: string, doer: User): Promise<void> {
  if (issue.body === body) return;
  const from = issue.body;
  issue.body = body;
  issue.contentVersion += 1;
  issue.updated = timestamp();
  const changes = changesFrom("body", from);
  await tellThread(world, { action: "edited", issue, doer }, { changes, audience: "poster" });
}

/** Sets the milestone, or clears it with `null`. */
export async function setMilestone(world: World, issue: Issue, id: number | null, doer: User): Promise<void> {
  if (issue.milestoneId === id) return;
  const old = issue.milestoneId;
  issue.milestoneId = id;
  addEntry(world, issue, {
    type: "milestone",
    userId: doer.id,
    ...(id === null ? {} : { milestoneId: id }),
    ...(old === null ? {} : { oldMilestoneId: old }),
  });
  const action = id === null ? "demilestoned" : "milestoned";
  await tellThread(world, { aspect: "milestone", action, issue, doer });
}
