/** Events of the stand-in, told to every hook that wants them; payloads are built when the thing happens. */
import { type Permission, permissionOf } from "./access.ts";
import { wants } from "./event-names.ts";
import { listCommits, NO_COMMIT, readCommit } from "./git-repository.ts";
import { presentPushedCommit } from "./present/commit.ts";
import { presentComment, presentIssue } from "./present/issue.ts";
import { presentPull } from "./present/pull.ts";
import { presentRepository } from "./present/repository.ts";
import { type Json, presentUser } from "./present/user.ts";
import type { Entry, Issue, Repository, Status, User } from "./state.ts";
import { fullName, gitFolder, repositoryOf, userOf, type World } from "./world.ts";

/** Gitea tells at most this many commits of a push. */
const MAXIMUM_COMMITS = 5;

/** For whom `repository.permissions` is computed. */
type Audience = "doer" | "poster" | "owner" | "read" | "none";

/** What is told about a thread, beside what happened. */
export interface ThreadDetails {
  readonly changes?: Json;
  readonly commit?: string;
  readonly reviewer?: User;
  readonly review?: { readonly type: string; readonly content: string };
  readonly audience?: Audience;
}

/** Sends an event to the hooks of a repository, its owner and the server. */
export function tellHooks(world: World, repository: Repository, eventType: string, payload: Json): void {
  for (const hook of world.state.hooks) {
    const concerned =
      hook.scope === "system" || hook.repositoryId === repository.id || hook.ownerId === repository.ownerId;
    if (concerned && hook.active && wants(hook.events, eventType)) world.deliveries.queue(hook, eventType, payload);
  }
}

function permissionFor(world: World, audience: Audience, issue: Issue, doer: User): Permission {
  const repository = repositoryOf(world.state, issue.repositoryId);
  if (audience === "doer") return permissionOf(repository, doer);
  if (audience === "poster") return permissionOf(repository, userOf(world.state, issue.posterId));
  return audience;
}

/** Changes as Gitea tells them: with two lists that nobody ever fills. */
export function changesFrom(field: "title" | "body", from: string): Json {
  return { [field]: { from }, added_labels: null, removed_labels: null };
}

/** Something happened to an issue or pull request; `aspect` is the part of the event type after `issue_`. */
export async function tellThread(
  world: World,
  happened: { readonly aspect?: string; readonly action: string; readonly issue: Issue; readonly doer: User },
  details: ThreadDetails = {},
): Promise<void> {
  const { issue, doer, action, aspect } = happened;
  const repository = repositoryOf(world.state, issue.repositoryId);
  const permission = permissionFor(world, details.audience ?? "doer", issue, doer);
  const shared = {
    repository: presentRepository(world, repository, permission),
    sender: presentUser(world, doer),
    commit_id: details.commit ?? "",
  };
  const head = { action, number: issue.number, ...(details.changes ? { changes: details.changes } : {}) };
  if (!issue.pull) {
    const payload = { ...head, issue: presentIssue(world, issue, doer), ...shared };
    tellHooks(world, repository, aspect ? `issue_${aspect}` : "issues", payload);
    return;
  }
  const view = { viewer: doer, permission: permissionOf(repository, doer) };
  tellHooks(world, repository, aspect ? `pull_request_${aspect}` : "pull_request", {
    ...head,
    pull_request: await presentPull(world, { issue, pull: issue.pull }, view),
    requested_reviewer: details.reviewer ? presentUser(world, details.reviewer) : null,
    ...shared,
    review: details.review ?? null,
  });
}

/** A comment was made, changed or deleted. */
export async function tellComment(
  world: World,
  happened: { readonly action: string; readonly issue: Issue; readonly comment: Entry; readonly doer: User },
  changes?: Json,
): Promise<void> {
  const { action, issue, comment, doer } = happened;
  const repository = repositoryOf(world.state, issue.repositoryId);
  const permission = permissionOf(repository, doer);
  const view = { viewer: doer, permission };
  tellHooks(world, repository, issue.pull ? "pull_request_comment" : "issue_comment", {
    action,
    issue: presentIssue(world, issue, doer),
    ...(issue.pull ? { pull_request: await presentPull(world, { issue, pull: issue.pull }, view) } : {}),
    comment: presentComment(world, issue, comment),
    ...(changes ? { changes } : {}),
    repository: presentRepository(world, repository, permission),
    sender: presentUser(world, doer),
    is_pull: issue.pull !== null,
  });
}

/** A change of one ref; `NO_COMMIT` where there was or is none. */
export interface RefChange {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

/** What a push brought, and what its comparison starts from; a new branch brings what no other branch has. */
async function pushedCommits(world: World, repository: Repository, change: RefChange) {
  const folder = gitFolder(world, repository);
  if (change.ref.startsWith("refs/tags/")) return { commits: [], from: NO_COMMIT };
  if (change.before !== NO_COMMIT) {
    return { commits: await listCommits(folder, `${change.before}..${change.after}`), from: change.before };
  }
  const others = ["--not", `--exclude=${shortRef(change.ref).ref}`, "--branches", "--not"];
  const commits = await listCommits(folder, change.after, ...others);
  return { commits, from: commits.at(-1)?.parents[0] ?? repository.defaultBranch };
}

/** Commits arrived at a branch or tag. */
export async function tellPush(world: World, repository: Repository, change: RefChange, doer: User): Promise<void> {
  const { commits, from } = await pushedCommits(world, repository, change);
  const told = commits.slice(0, MAXIMUM_COMMITS);
  const last = await readCommit(gitFolder(world, repository), change.after);
  tellHooks(world, repository, "push", {
    ref: change.ref,
    before: change.before,
    after: change.after,
    compare_url: `${world.url}/${fullName(world.state, repository)}/compare/${from}...${change.after}`,
    commits: await Promise.all(told.map((commit) => presentPushedCommit(world, repository, commit))),
    total_commits: commits.length,
    head_commit: await presentPushedCommit(world, repository, last),
    repository: presentRepository(world, repository, "owner"),
    pusher: presentUser(world, doer),
    sender: presentUser(world, doer),
  });
}

function shortRef(ref: string): { readonly ref: string; readonly ref_type: "branch" | "tag" } {
  const isTag = ref.startsWith("refs/tags/");
  return { ref: ref.replace(/^refs\/(?:heads|tags)\//, ""), ref_type: isTag ? "tag" : "branch" };
}

/** A branch or tag was made. */
export function tellCreate(world: World, repository: Repository, change: RefChange, doer: User): void {
  const payload = { sha: change.after, ...shortRef(change.ref) };
  const shown = presentRepository(world, repository, "none");
  tellHooks(world, repository, "create", { ...payload, repository: shown, sender: presentUser(world, doer) });
}

/** A branch or tag is gone. */
export function tellDelete(world: World, repository: Repository, change: RefChange, doer: User): void {
  tellHooks(world, repository, "delete", {
    ...shortRef(change.ref),
    pusher_type: "user",
    repository: presentRepository(world, repository, "owner"),
    sender: presentUser(world, doer),
  });
}

/** A commit got a status. */
export async function tellStatus(world: World, repository: Repository, status: Status): Promise<void> {
  const commit = await readCommit(gitFolder(world, repository), status.sha);
  tellHooks(world, repository, "status", {
    commit: await presentPushedCommit(world, repository, commit),
    context: status.context,
    created_at: status.created,
    description: status.description,
    id: status.id,
    repository: presentRepository(world, repository, "owner"),
    sender: presentUser(world, userOf(world.state, status.creatorId)),
    sha: status.sha,
    state: status.state,
    target_url: status.targetUrl === "" ? world.url : status.targetUrl,
    updated_at: status.created,
  });
}
