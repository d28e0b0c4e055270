/** Routes about issues: listing, reading, opening, changing, locking, deleting. */
import { z } from "zod";
import { can } from "../access.ts";
import { ApiError, notFound } from "../api-error.ts";
import { addLabels } from "../issue-labels.ts";
import { tellThread } from "../notify.ts";
import { presentIssue } from "../present/issue.ts";
import { noteReferences } from "../references.ts";
import { type Issue, nextId, type Repository, type User } from "../state.ts";
import { addEntry, closeIssue, reopenIssue, setAssignees, setBody, setMilestone, setTitle } from "../threads.ts";
import { findUser, timestamp, type World } from "../world.ts";
import {
  ADMIN_NEEDED,
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  issueFrom,
  pageOf,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";

const Names = z.array(z.string()).nullish();
const NewIssue = z.object({
  title: z.string().min(1, "[Title]: Required"),
  body: z.string().nullish(),
  assignees: Names,
  labels: z.array(z.number()).nullish(),
  milestone: z.number().nullish(),
  closed: z.boolean().nullish(),
});
const IssueChange = z.object({
  title: z.string().nullish(),
  body: z.string().nullish(),
  assignees: Names,
  milestone: z.number().nullish(),
  state: z.string().nullish(),
});
type IssueChange = z.infer<typeof IssueChange>;

const BLOCKED = "cannot close this issue or pull request because it still has open dependencies";

/** The next number of a repository, for an issue or a pull request. */
export function takeNumber(repository: Repository): number {
  const number = repository.nextNumber;
  repository.nextNumber += 1;
  return number;
}

/** The people of these names who can be assigned; anybody else is a failure with `status`. */
export function assignable(
  world: World,
  repository: Repository,
  names: readonly string[],
  status: 422 | 500,
): number[] {
  return names.map((name) => {
    const user = findUser(world.state, name);
    if (!user || user.kind === "organization" || !can(repository, user, "read")) {
      throw new ApiError(status, status === 500 ? "" : `user does not exist [uid: 0, name: ${name}]`);
    }
    return user.id;
  });
}

/** Whether an issue passes the filters of a list; unknown labels and foreign filters are ignored. */
function filterFrom(c: Call, world: World, repository: Repository): (issue: Issue) => boolean {
  const state = c.req.query("state") ?? "open";
  const type = c.req.query("type");
  const names = (c.req.query("labels") ?? "").split(",");
  const labels = world.state.labels.filter(
    (label) => label.repositoryId === repository.id && names.includes(label.name),
  );
  const person = (query: string): User | undefined => {
    const name = c.req.query(query);
    const user = name ? findUser(world.state, name) : undefined;
    if (name && !user) throw notFound(`user does not exist [uid: 0, name: ${name}]`);
    return user;
  };
  const assignee = person("assigned_by");
  const poster = person("created_by");
  const since = c.req.query("since");
  const text = c.req.query("q")?.toLowerCase();
  return (issue) =>
    (state === "all" || issue.state === state) &&
    (type === undefined || (type === "pulls") === (issue.pull !== null)) &&
    labels.every((label) => issue.labelIds.includes(label.id)) &&
    (assignee === undefined || issue.assigneeIds.includes(assignee.id)) &&
    (poster === undefined || issue.posterId === poster.id) &&
    (since === undefined || Date.parse(issue.updated) >= Date.parse(since)) &&
    (!text || `${issue.title}\n${issue.body}`.toLowerCase().includes(text));
}

async function openIssue(
  world: World,
  repository: Repository,
  wish: z.infer<typeof NewIssue>,
  doer: User,
): Promise<Issue> {
  const isWriter = can(repository, doer, "write");
  const assigneeIds = isWriter ? assignable(world, repository, wish.assignees ?? [], 422) : [];
  const labels = world.state.labels.filter((label) => isWriter && (wish.labels ?? []).includes(label.id));
  const now = timestamp();
  const issue: Issue = {
    id: nextId(world.state, "issue"),
    repositoryId: repository.id,
    number: takeNumber(repository),
    posterId: doer.id,
    title: wish.title,
    body: wish.body ?? "",
    contentVersion: 0,
    state: "open",
    locked: false,
    labelIds: labels.map((label) => label.id),
    assigneeIds,
    milestoneId: isWriter ? (wish.milestone ?? null) : null,
    created: now,
    updated: now,
    closed: null,
    pull: null,
  };
  world.state.issues.push(issue);
  for (const id of assigneeIds) addEntry(world, issue, { type: "assignees", userId: doer.id, assigneeId: id });
  for (const label of labels) addEntry(world, issue, { type: "label", userId: doer.id, labelId: label.id, body: "1" });
  noteReferences(world, issue, `${issue.title}\n${issue.body}`, doer);
  for (const _ of assigneeIds) await tellThread(world, { aspect: "assign", action: "assigned", issue, doer });
  await tellThread(world, { action: "opened", issue, doer });
  if (labels.length > 0) await addLabels(world, issue, labels, doer);
  if (wish.closed) await closeIssue(world, issue, doer);
  return issue;
}

async function setState(world: World, issue: Issue, wanted: string, doer: User): Promise<void> {
  if (wanted !== "open" && wanted !== "closed") throw new ApiError(412, `unknown state: ${wanted}`);
  if (wanted === issue.state) return;
  if (issue.pull?.merged) throw new ApiError(412, "cannot change state of a merged pull request");
  if (wanted === "open") return reopenIssue(world, issue, doer);
  if (!(await closeIssue(world, issue, doer))) throw new ApiError(412, BLOCKED);
}

/** Changes an issue field by field; what was done before a refusal stays done. */
export async function changeIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  change: IssueChange,
  doer: User,
): Promise<void> {
  const isWriter = can(repository, doer, "write");
  if (!isWriter && issue.posterId !== doer.id) throw new ApiError(403);
  if (change.title) await setTitle(world, issue, change.title, doer);
  if (typeof change.body === "string") await setBody(world, issue, change.body, doer);
  noteReferences(world, issue, `${issue.title}\n${issue.body}`, doer);
  if (isWriter && change.assignees) {
    await setAssignees(world, issue, assignable(world, repository, change.assignees, 500), doer);
  }
  if (isWriter && typeof change.milestone === "number")
    await setMilestone(world, issue, change.milestone || null, doer);
  if (change.state) await setState(world, issue, change.state, doer);
}

function addLockRoutes(api: Api, world: World): void {
  const setLocked = (c: Call, locked: boolean): Response => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    const issue = issueFrom(c, world, repository);
    issue.locked = locked;
    addEntry(world, issue, { type: locked ? "lock" : "unlock", userId: doerOf(c).id });
    return answerEmpty(c, 204);
  };
  api.put("/repos/:owner/:repo/issues/:index/lock", (c) => setLocked(c, true));
  api.delete("/repos/:owner/:repo/issues/:index/lock", (c) => setLocked(c, false));
}

/** Adds the routes about issues. */
export function addIssueRoutes(api: Api, world: World): void {
  const one = "/repos/:owner/:repo/issues/:index{[0-9]+}";
  api.get("/repos/:owner/:repo/issues", (c) => {
    const repository = repositoryFrom(c, world);
    const passes = filterFrom(c, world, repository);
    const all = world.state.issues.filter((issue) => issue.repositoryId === repository.id && passes(issue)).reverse();
    return answer(
      c,
      200,
      pageOf(c, world, all, true).map((issue) => presentIssue(world, issue, viewerOf(c))),
    );
  });
  api.post("/repos/:owner/:repo/issues", async (c) => {
    const repository = repositoryFor(c, world, "read");
    const issue = await openIssue(world, repository, await readBody(c, NewIssue), doerOf(c));
    return answer(c, 201, presentIssue(world, issue, doerOf(c)));
  });
  api.get(one, (c) => {
    const issue = issueFrom(c, world, repositoryFrom(c, world));
    return answer(c, 200, presentIssue(world, issue, viewerOf(c)));
  });
  api.patch(one, async (c) => {
    const repository = repositoryFor(c, world, "read");
    const issue = issueFrom(c, world, repository);
    await changeIssue(world, repository, issue, await readBody(c, IssueChange), doerOf(c));
    return answer(c, 201, presentIssue(world, issue, doerOf(c)));
  });
  api.delete(one, async (c) => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    const issue = issueFrom(c, world, repository);
    await tellThread(world, { action: "deleted", issue, doer: doerOf(c) });
    world.state.issues = world.state.issues.filter((other) => other.id !== issue.id);
    world.state.entries = world.state.entries.filter((entry) => entry.issueId !== issue.id);
    return answerEmpty(c, 204);
  });
  addLockRoutes(api, world);
}
