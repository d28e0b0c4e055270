/** Merging pull requests with real git, and every reason not to. */

import { can } from "./access.ts";
import { ApiError } from "./api-error.ts";
import { isDraft } from "./drafts.ts";
import { git } from "./git.ts";
import { type Identity, resolveBranch } from "./git-repository.ts";
import { tellThread } from "./notify.ts";
import type { PullIssue } from "./present/pull.ts";
import { handleRefChange } from "./ref-changes.ts";
import { closedByPull } from "./references.ts";
import type { Issue, Pull, Repository, User } from "./state.ts";
import { latestStatuses } from "./statuses.ts";
import { addEntry, closeIssue, openBlockers } from "./threads.ts";
import { gitFolder, repositoryOf, timestamp, userOf, type World } from "./world.ts";

/** What a merge call asks for. */
export interface MergeRequest {
  readonly style: string;
  readonly title?: string;
  readonly message?: string;
  readonly deleteBranch?: boolean;
  /** Refused when the head is another commit by then. */
  readonly headCommit?: string;
}

const STYLES = ["merge", "squash", "rebase", "rebase-merge", "fast-forward-only"];

/** The environment that makes git write commits in somebody's name. */
export function commitEnvironment(by: Identity): Record<string, string> {
  return {
    GIT_AUTHOR_NAME: by.name,
    GIT_AUTHOR_EMAIL: by.email,
    GIT_COMMITTER_NAME: by.name,
    GIT_COMMITTER_EMAIL: by.email,
  };
}

/** Makes a commit of a tree in a bare repository. */
export async function commitTree(
  folder: string,
  commit: { readonly tree: string; readonly parents: readonly string[]; readonly message: string; readonly by: User },
): Promise<string> {
  const parents = commit.parents.flatMap((parent) => ["-p", parent]);
  const environment = commitEnvironment({ name: commit.by.login, email: commit.by.email });
  return git(folder, ["commit-tree", commit.tree, ...parents, "-F", "-"], { input: commit.message, environment });
}

/** Whether the rule of the base branch lets a commit in. */
function checksAreGreen(world: World, repository: Repository, pull: Pull): boolean {
  const rule = world.state.protections.find(
    (protection) => protection.repositoryId === repository.id && protection.name === pull.base,
  );
  if (!rule?.enableStatusCheck) return true;
  const green = latestStatuses(world, repository, pull.headSha).filter((status) => status.state === "success");
  return rule.contexts.every((context) => green.some((status) => status.context === context));
}

/** Refuses a pull request that cannot be merged as it is. */
export async function checkMergeable(world: World, issue: Issue, pull: Pull, doer: User): Promise<void> {
  const repository = repositoryOf(world.state, issue.repositoryId);
  if (issue.state === "closed") throw new ApiError(pull.merged ? 405 : 404, "");
  if (!can(repository, doer, "write")) throw new ApiError(405, "User not allowed to merge PR");
  if (isDraft(issue.title)) throw new ApiError(405, "Work in progress PRs cannot be merged");
  const comparison = await world.comparisons(gitFolder(world, repository), pull.baseSha, pull.headSha);
  if (comparison.mergedTree === undefined) throw new ApiError(405, "Please try again later");
  if (openBlockers(world, issue).length > 0) throw new ApiError(500, "");
}

function messageOf(issue: Issue, pull: Pull, request: MergeRequest): string {
  const standard =
    request.style === "squash"
      ? `${issue.title} (#${issue.number})`
      : `Merge pull request '${issue.title}' (#${issue.number}) from ${pull.head} into ${pull.base}`;
  const body = request.message ? `\n\n${request.message}` : "";
  return `${request.title || standard}${body}\n`;
}

async function makeMergeCommit(
  world: World,
  folder: string,
  { issue, pull }: PullIssue,
  request: MergeRequest,
  doer: User,
): Promise<string> {
  const comparison = await world.comparisons(folder, pull.baseSha, pull.headSha);
  const isFastForward = comparison.mergeBase === pull.baseSha;
  const { mergedTree: tree } = comparison;
  if (tree === undefined) throw new ApiError(409, "merge conflict");
  if (request.style === "rebase" || request.style === "fast-forward-only") {
    if (isFastForward) return pull.headSha;
    throw new ApiError(405, "Merge style is not supported by the stand-in for this history");
  }
  const parents = request.style === "squash" ? [pull.baseSha] : [pull.baseSha, pull.headSha];
  return commitTree(folder, { tree, parents, message: messageOf(issue, pull, request), by: doer });
}

function markMerged(world: World, issue: Issue, pull: Pull, commit: string, doer: User): void {
  const now = timestamp();
  issue.state = "closed";
  issue.closed = now;
  pull.merged = true;
  pull.mergedAt = now;
  pull.mergeCommit = commit;
  pull.mergedById = doer.id;
  pull.scheduled = null;
  addEntry(world, issue, { type: "merge_pull", userId: doer.id, commit });
}

async function closeReferenced(world: World, issue: Issue, commit: string, doer: User): Promise<void> {
  for (const referenced of closedByPull(world, issue)) await closeIssue(world, referenced, doer, commit);
}

async function deleteHead(world: World, repository: Repository, pull: Pull, doer: User): Promise<void> {
  const ref = `refs/heads/${pull.head}`;
  await git(gitFolder(world, repository), ["update-ref", "-d", ref, pull.headSha]);
  await handleRefChange(world, repository, { ref, before: pull.headSha, after: "0".repeat(40) }, doer);
}

/** Merges: moves the base branch, closes what the pull request closes (whatever the base), tells everybody. */
export async function mergePull(
  world: World,
  { issue, pull }: PullIssue,
  request: MergeRequest,
  doer: User,
): Promise<void> {
  const repository = repositoryOf(world.state, issue.repositoryId);
  const folder = gitFolder(world, repository);
  if (!STYLES.includes(request.style)) throw new ApiError(422, `Do: unknown merge style ${request.style}`);
  await world.withRefs(repository, async () => {
    await checkMergeable(world, issue, pull, doer);
    if (request.headCommit && request.headCommit !== pull.headSha) throw new ApiError(409, "head out of date");
    const before = pull.baseSha;
    const commit = await makeMergeCommit(world, folder, { issue, pull }, request, doer);
    await git(folder, ["update-ref", `refs/heads/${pull.base}`, commit, before]);
    markMerged(world, issue, pull, commit, doer);
    await tellThread(world, { action: "closed", issue, doer });
    await closeReferenced(world, issue, commit, doer);
    await handleRefChange(world, repository, { ref: `refs/heads/${pull.base}`, before, after: commit }, doer);
    if (request.deleteBranch) await deleteHead(world, repository, pull, doer);
  });
}

/** Refuses a merge whose required statuses are not green. */
export function requireGreenChecks(world: World, issue: Issue, pull: Pull): void {
  const repository = repositoryOf(world.state, issue.repositoryId);
  if (!checksAreGreen(world, repository, pull)) throw new ApiError(405, "Not all required status checks successful");
}

/** Merges what waited for the statuses of a commit. */
export async function mergeScheduled(world: World, repository: Repository, sha: string): Promise<void> {
  for (const issue of world.state.issues) {
    const { pull } = issue;
    if (issue.repositoryId !== repository.id || !pull?.scheduled || pull.headSha !== sha) continue;
    if (!checksAreGreen(world, repository, pull)) continue;
    const { style, doerId } = pull.scheduled;
    await mergeIfAllowed(world, { issue, pull }, style, userOf(world.state, doerId));
  }
}

/** A scheduled merge that is refused stays scheduled, and nobody hears of it. */
async function mergeIfAllowed(world: World, found: PullIssue, style: string, doer: User): Promise<void> {
  try {
    await mergePull(world, found, { style }, doer);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}

/** Brings the base into the head branch; a conflict is refused. */
export async function updatePull(world: World, issue: Issue, pull: Pull, doer: User): Promise<void> {
  const repository = repositoryOf(world.state, issue.repositoryId);
  const folder = gitFolder(world, repository);
  await world.withRefs(repository, async () => {
    const { mergedTree: tree, mergeBase } = await world.comparisons(folder, pull.baseSha, pull.headSha);
    if (tree === undefined) throw new ApiError(409, "merge failed because of conflict");
    if (mergeBase === pull.baseSha) return;
    const before = pull.headSha;
    const message = `Merge branch '${pull.base}' into ${pull.head}\n`;
    const after = await commitTree(folder, { tree, parents: [before, pull.baseSha], message, by: doer });
    await git(folder, ["update-ref", `refs/heads/${pull.head}`, after, before]);
    await handleRefChange(world, repository, { ref: `refs/heads/${pull.head}`, before, after }, doer);
  });
}

/** What opening a pull request needs to know about its branches; refuses those that cannot be compared. */
export async function readSides(
  world: World,
  repository: Repository,
  sides: { readonly base: string; readonly head: string },
): Promise<{ readonly baseSha: string; readonly headSha: string }> {
  const folder = gitFolder(world, repository);
  const [baseSha, headSha] = await Promise.all([resolveBranch(folder, sides.base), resolveBranch(folder, sides.head)]);
  if (!baseSha || !headSha) throw new ApiError(404, "not found", null);
  const comparison = await world.comparisons(folder, baseSha, headSha);
  if (sides.base === sides.head || comparison.ahead === 0) {
    throw new ApiError(422, "Invalid PullRequest: There are no changes between the head and the base");
  }
  return { baseSha, headSha };
}
