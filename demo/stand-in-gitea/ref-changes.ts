/** What follows from changed branches and tags, whoever changed them: closed issues, moved pull requests, events. */
import { git } from "./git.ts";
import { listCommits, NO_COMMIT, resolveBranch } from "./git-repository.ts";
import { type RefChange, tellCreate, tellDelete, tellPush, tellThread } from "./notify.ts";
import { noteCommit } from "./references.ts";
import type { Issue, Pull, Repository, User } from "./state.ts";
import { addEntry, closeIssue } from "./threads.ts";
import { gitFolder, timestamp, type World } from "./world.ts";

const BRANCH = "refs/heads/";

/** The difference between two listings of refs. */
export function refChangesFrom(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly RefChange[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((ref) => ({ ref, before: before.get(ref) ?? NO_COMMIT, after: after.get(ref) ?? NO_COMMIT }))
    .filter((change) => change.before !== change.after);
}

/** Open pull requests of a repository. */
export function openPulls(world: World, repository: Repository): readonly { issue: Issue; pull: Pull }[] {
  return world.state.issues.flatMap((issue) =>
    issue.repositoryId === repository.id && issue.pull && issue.state === "open" ? [{ issue, pull: issue.pull }] : [],
  );
}

/** Keeps `refs/pull/n/head` at the head of a pull request, so that it can be fetched when its branch is gone. */
export async function keepPullRef(world: World, repository: Repository, number: number, sha: string): Promise<void> {
  await git(gitFolder(world, repository), ["update-ref", `refs/pull/${number}/head`, sha]);
}

async function closeMentioned(world: World, repository: Repository, change: RefChange, doer: User): Promise<void> {
  if (change.ref !== `${BRANCH}${repository.defaultBranch}` || change.before === NO_COMMIT) return;
  const range = `${change.before}..${change.after}`;
  const commits = await listCommits(gitFolder(world, repository), range, "--reverse");
  for (const commit of commits) {
    for (const issue of noteCommit(world, repository, commit, doer)) {
      // A blocked issue ends the handling of everything that follows, as in Gitea.
      if (!(await closeIssue(world, issue, doer, commit.sha))) return;
    }
  }
}

async function movePulls(world: World, repository: Repository, change: RefChange, doer: User): Promise<void> {
  const branch = change.ref.slice(BRANCH.length);
  for (const { issue, pull } of openPulls(world, repository)) {
    if (pull.base === branch) pull.baseSha = change.after;
    if (pull.head !== branch) continue;
    pull.headSha = change.after;
    issue.updated = timestamp();
    await keepPullRef(world, repository, issue.number, change.after);
    addEntry(world, issue, { type: "pull_push", userId: doer.id });
    await tellThread(world, { aspect: "sync", action: "synchronized", issue, doer }, { audience: "owner" });
  }
}

async function handleDeleted(world: World, repository: Repository, change: RefChange, doer: User): Promise<void> {
  tellDelete(world, repository, change, doer);
  for (const { issue, pull } of openPulls(world, repository)) {
    if (`${BRANCH}${pull.head}` === change.ref) await closeIssue(world, issue, doer);
  }
}

/** Tells and does what follows from one changed ref. */
export async function handleRefChange(
  world: World,
  repository: Repository,
  change: RefChange,
  doer: User,
): Promise<void> {
  repository.updated = timestamp();
  if (change.after === NO_COMMIT) return handleDeleted(world, repository, change, doer);
  if (change.before === NO_COMMIT) tellCreate(world, repository, change, doer);
  await closeMentioned(world, repository, change, doer);
  await tellPush(world, repository, change, doer);
  if (change.ref.startsWith(BRANCH) && change.before !== NO_COMMIT) await movePulls(world, repository, change, doer);
}

/** Brings open pull requests up to date with branches that moved while nobody watched. */
export async function catchUpPulls(world: World, repository: Repository): Promise<void> {
  const folder = gitFolder(world, repository);
  for (const { pull } of openPulls(world, repository)) {
    pull.headSha = (await resolveBranch(folder, pull.head)) ?? pull.headSha;
    pull.baseSha = (await resolveBranch(folder, pull.base)) ?? pull.baseSha;
  }
}
