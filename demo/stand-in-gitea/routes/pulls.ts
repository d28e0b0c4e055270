/** Routes about pull requests: listing, opening, changing, merging, updating. */
import { z } from "zod";
import { permissionOf } from "../access.ts";
import { ApiError, notFound } from "../api-error.ts";
import { git } from "../git.ts";
import { listChanges, listCommits } from "../git-repository.ts";
import { addLabels } from "../issue-labels.ts";
import { checkMergeable, mergePull, readSides, requireGreenChecks, updatePull } from "../merge.ts";
import { tellThread } from "../notify.ts";
import { presentCommit } from "../present/commit.ts";
import { type PullForm, type PullIssue, presentPull } from "../present/pull.ts";
import type { Json } from "../present/user.ts";
import { keepPullRef } from "../ref-changes.ts";
import { noteReferences } from "../references.ts";
import { type Issue, nextId, type Pull, type Repository, type User } from "../state.ts";
import { addEntry, setAssignees } from "../threads.ts";
import { findUser, fullName, gitFolder, timestamp, type World } from "../world.ts";
import {
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  pageOf,
  parameter,
  pullFrom,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";
import { assignable, changeIssue, takeNumber } from "./issues.ts";

const NewPull = z.object({
  title: z.string().min(1, "[Title]: Required"),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().nullish(),
  assignees: z.array(z.string()).nullish(),
  labels: z.array(z.number()).nullish(),
});
const PullChange = z.object({
  title: z.string().nullish(),
  body: z.string().nullish(),
  base: z.string().nullish(),
  assignees: z.array(z.string()).nullish(),
  milestone: z.number().nullish(),
  labels: z.array(z.number()).nullish(),
  state: z.string().nullish(),
});
const Merge = z.object({
  Do: z.string().nullish(),
  MergeTitleField: z.string().nullish(),
  MergeMessageField: z.string().nullish(),
  head_commit_id: z.string().nullish(),
  merge_when_checks_succeed: z.boolean().nullish(),
  delete_branch_after_merge: z.boolean().nullish(),
  force_merge: z.boolean().nullish(),
});

const PATH = "/repos/:owner/:repo/pulls";
const ONE = `${PATH}/:index{[0-9]+}`;

function pullsOf(world: World, repository: Repository): readonly PullIssue[] {
  return world.state.issues.flatMap((issue) =>
    issue.repositoryId === repository.id && issue.pull ? [{ issue, pull: issue.pull }] : [],
  );
}

function show(c: Call, world: World, repository: Repository, found: PullIssue, form: PullForm): Promise<Json> {
  const viewer = viewerOf(c);
  return presentPull(world, found, { viewer, permission: permissionOf(repository, viewer), form });
}

/** `owner:branch` of the same repository is the branch. */
function branchOf(world: World, repository: Repository, head: string): string {
  const [owner = "", branch] = head.split(":");
  if (branch === undefined) return head;
  if (findUser(world.state, owner)?.id !== repository.ownerId) throw notFound();
  return branch;
}

function refuseSecond(world: World, repository: Repository, wish: { head: string; base: string }): void {
  const same = pullsOf(world, repository).find(
    ({ issue, pull }) => issue.state === "open" && pull.head === wish.head && pull.base === wish.base,
  );
  if (!same) return;
  const details = `id: ${same.pull.id}, issue_id: ${same.issue.id}, head_repo_id: ${repository.id}, base_repo_id: ${repository.id}`;
  const branches = `head_branch: ${wish.head}, base_branch: ${wish.base}`;
  throw new ApiError(409, `pull request already exists for these targets [${details}, ${branches}]`);
}

function makePull(world: World, repository: Repository, wish: z.infer<typeof NewPull>, pull: Pull, doer: User): Issue {
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
    labelIds: [],
    assigneeIds: [],
    milestoneId: null,
    created: now,
    updated: now,
    closed: null,
    pull,
  };
  world.state.issues.push(issue);
  return issue;
}

async function openPull(
  world: World,
  repository: Repository,
  wish: z.infer<typeof NewPull>,
  doer: User,
): Promise<PullIssue> {
  const sides = { base: wish.base, head: branchOf(world, repository, wish.head) };
  refuseSecond(world, repository, sides);
  const shas = await readSides(world, repository, sides);
  refuseSecond(world, repository, sides);
  const id = nextId(world.state, "pull");
  const unmerged = { merged: false, mergedAt: null, mergeCommit: null, mergedById: null, scheduled: null };
  const pull: Pull = { id, ...sides, ...shas, ...unmerged };
  const issue = makePull(world, repository, wish, pull, doer);
  await keepPullRef(world, repository, issue.number, pull.headSha);
  addEntry(world, issue, { type: "pull_push", userId: doer.id });
  noteReferences(world, issue, `${issue.title}\n${issue.body}`, doer);
  await tellThread(world, { action: "opened", issue, doer });
  const labels = world.state.labels.filter((label) => wish.labels?.includes(label.id));
  if (labels.length > 0) await addLabels(world, issue, labels, doer);
  if (wish.assignees) await setAssignees(world, issue, assignable(world, repository, wish.assignees, 422), doer);
  return { issue, pull };
}

function addReadingRoutes(api: Api, world: World): void {
  api.get(PATH, async (c) => {
    const repository = repositoryFrom(c, world);
    const state = c.req.query("state") ?? "all";
    const base = c.req.query("base_branch");
    const found = pullsOf(world, repository).filter(
      ({ issue, pull }) => (state === "all" || issue.state === state) && (base === undefined || pull.base === base),
    );
    const page = pageOf(c, world, [...found].reverse(), true);
    return answer(c, 200, await Promise.all(page.map((pull) => show(c, world, repository, pull, "list"))));
  });
  api.get(ONE, async (c) => {
    const repository = repositoryFrom(c, world);
    return answer(c, 200, await show(c, world, repository, pullFrom(c, world, repository), "single"));
  });
  api.get(`${ONE}/commits`, async (c) => {
    const repository = repositoryFrom(c, world);
    const { pull } = pullFrom(c, world, repository);
    const commits = await listCommits(gitFolder(world, repository), `${pull.baseSha}..${pull.headSha}`);
    const page = pageOf(c, world, commits, true);
    return answer(c, 200, await Promise.all(page.map((commit) => presentCommit(world, repository, commit))));
  });
  api.get(`${ONE}/files`, async (c) => answer(c, 200, await filesOf(c, world)));
  api.get(`${PATH}/:indexAndForm{[0-9]+\\.(?:diff|patch)}`, async (c) => {
    const repository = repositoryFrom(c, world);
    const number = Number.parseInt(parameter(c, "indexAndForm"), 10);
    const found = pullsOf(world, repository).find(({ issue }) => issue.number === number);
    if (!found) throw notFound();
    return c.text(await git(gitFolder(world, repository), ["diff", `${found.pull.baseSha}...${found.pull.headSha}`]));
  });
  api.get(`${ONE}/merge`, (c) => {
    const { pull } = pullFrom(c, world, repositoryFrom(c, world));
    if (!pull.merged) throw notFound();
    return answerEmpty(c, 204);
  });
}

async function filesOf(c: Call, world: World): Promise<readonly Json[]> {
  const repository = repositoryFrom(c, world);
  const { pull } = pullFrom(c, world, repository);
  const folder = gitFolder(world, repository);
  const { mergeBase } = await world.comparisons(folder, pull.baseSha, pull.headSha);
  const changes = pageOf(c, world, await listChanges(folder, mergeBase, pull.headSha), true);
  const name = fullName(world.state, repository);
  return changes.map(({ path, status, additions, deletions }) => ({
    filename: path,
    status: status === "modified" ? "changed" : status,
    additions,
    deletions,
    changes: additions + deletions,
    html_url: `${world.url}/${name}/src/commit/${pull.headSha}/${path}`,
    contents_url: `${world.url}/api/v1/repos/${name}/contents/${path}?ref=${pull.headSha}`,
    raw_url: `${world.url}/${name}/raw/commit/${pull.headSha}/${path}`,
  }));
}

async function merge(c: Call, world: World): Promise<Response> {
  const repository = repositoryFor(c, world, "read");
  const { issue, pull } = pullFrom(c, world, repository);
  const doer = doerOf(c);
  const wish = await readBody(c, Merge);
  const style = wish.Do || "merge";
  await checkMergeable(world, issue, pull, doer);
  if (wish.head_commit_id && wish.head_commit_id !== pull.headSha) throw new ApiError(409, "head out of date");
  if (wish.merge_when_checks_succeed) {
    pull.scheduled = { style, doerId: doer.id };
    addEntry(world, issue, { type: "pull_scheduled_merge", userId: doer.id });
    return answerEmpty(c, 201);
  }
  if (!wish.force_merge) requireGreenChecks(world, issue, pull);
  const request = {
    style,
    ...(wish.head_commit_id ? { headCommit: wish.head_commit_id } : {}),
    deleteBranch: wish.delete_branch_after_merge ?? false,
    ...(wish.MergeTitleField ? { title: wish.MergeTitleField } : {}),
    ...(wish.MergeMessageField ? { message: wish.MergeMessageField } : {}),
  };
  await mergePull(world, { issue, pull }, request, doer);
  return answerEmpty(c, 200);
}

function addChangingRoutes(api: Api, world: World): void {
  api.post(PATH, async (c) => {
    const repository = repositoryFor(c, world, "read");
    const found = await openPull(world, repository, await readBody(c, NewPull), doerOf(c));
    return answer(c, 201, await show(c, world, repository, found, "single"));
  });
  api.patch(ONE, async (c) => {
    const repository = repositoryFor(c, world, "read");
    const found = pullFrom(c, world, repository);
    const { labels, base, ...change } = await readBody(c, PullChange);
    await changeIssue(world, repository, found.issue, change, doerOf(c));
    // No event for labels here, as in Gitea.
    if (labels) found.issue.labelIds = labels;
    if (base && base !== found.pull.base) {
      const sides = await readSides(world, repository, { base, head: found.pull.head });
      Object.assign(found.pull, { base, baseSha: sides.baseSha });
      await tellThread(
        world,
        { action: "edited", issue: found.issue, doer: doerOf(c) },
        { changes: { ref: { from: base } } },
      );
    }
    return answer(c, 201, await show(c, world, repository, found, "single"));
  });
  api.post(`${ONE}/merge`, (c) => merge(c, world));
  api.delete(`${ONE}/merge`, (c) => {
    const { pull } = pullFrom(c, world, repositoryFor(c, world, "write"));
    if (!pull.scheduled) throw notFound();
    pull.scheduled = null;
    return answerEmpty(c, 204);
  });
  api.post(`${ONE}/update`, async (c) => {
    const { issue, pull } = pullFrom(c, world, repositoryFor(c, world, "write"));
    await updatePull(world, issue, pull, doerOf(c));
    return answerEmpty(c, 200);
  });
}

/** Adds the routes about pull requests. */
export function addPullRoutes(api: Api, world: World): void {
  addReadingRoutes(api, world);
  addChangingRoutes(api, world);
  // Last, because a base branch can have any name.
  api.get(`${PATH}/:base/:head{.+}`, async (c) => {
    const repository = repositoryFrom(c, world);
    const head = branchOf(world, repository, decodeURIComponent(parameter(c, "head")));
    const found = [...pullsOf(world, repository)]
      .reverse()
      .find(({ pull }) => pull.base === decodeURIComponent(parameter(c, "base")) && pull.head === head);
    if (!found) throw notFound();
    return answer(c, 200, await show(c, world, repository, found, "single"));
  });
}
