/** Everything one advance reads, asked for at once: handed to whatever step is taken, so that nothing is asked twice. */

import { titleDisagrees } from "../dependencies/title-mismatch.ts";
import { issueRefFrom, type RepositoryName, type RunId, taskIdFrom } from "../domain/ids.ts";
import type { Facts, RunProgress } from "../domain/next-step.ts";
import { activeRuns, type Blocker, type Task, type TaskState, unansweredReviews } from "../domain/task.ts";
import { type Understanding, understandIssue } from "../intake/understand-issue.ts";
import type { Account, Comment, Issue, LabelChange, Pull, Repository, Review } from "../ports/forge.ts";
import type { WordsHeard } from "../ports/obey.ts";
import type { RunState } from "../ports/task-queue.ts";
import { stateLabel } from "../report/labels.ts";
import type { Deps } from "./deps.ts";
import { findUnheard, isHeard } from "./unheard.ts";

export interface Situation {
  readonly facts: Facts;
  readonly self: Account;
  readonly repository: Repository | undefined;
  readonly issue: Issue | undefined;
  readonly understanding: Understanding | undefined;
  readonly issueComments: readonly Comment[];
  readonly pullComments: readonly Comment[];
  readonly pull: Pull | undefined;
  readonly unheard: readonly WordsHeard[];
  /** A person took away the label by which a parked task waits. */
  readonly release: LabelChange | undefined;
  /** Reviews by who may write that ask for changes and were not taken up yet, oldest first. */
  readonly changeRequests: readonly Review[];
  readonly runs: ReadonlyMap<RunId, RunState>;
}

/** States in which blockers still matter: work has not begun. */
const BLOCKABLE: readonly TaskState[] = ["reading", "blocked", "queued"];
/** States in which a new assignment starts the task again. */
const RESTARTABLE: readonly TaskState[] = ["done", "cancelled", "parked"];
/** States in which the branch cannot have moved through anybody's doing. */
const BRANCHLESS: readonly TaskState[] = ["blocked", "done", "cancelled"];

/** An issue that is closed this soon after the merge that names it was closed by the forge. */
const CLOSED_BY_MERGE_MS = 10_000;

/** Reads what is true now about a task. */
export async function readSituation(deps: Deps, task: Task): Promise<Situation> {
  const ref = issueRefFrom(task.id);
  const { state } = task.phase;
  const [self, repository, issue, issueComments, pull, head, assignment, runs] = await Promise.all([
    deps.forge.self(),
    deps.forge.readRepository(ref.repository),
    deps.forge.readIssue(ref),
    deps.forge.listComments(ref),
    findPull(deps, task, ref.repository),
    BRANCHLESS.includes(state) ? undefined : deps.forge.readBranch(ref.repository, task.branch),
    RESTARTABLE.includes(state) ? deps.forge.lastAssignment(ref) : undefined,
    readRuns(deps, task),
  ]);
  const text = issue && {
    ...issue,
    repository: ref.repository,
    ref,
    ...(repository && { forgeUrl: addressOf(repository) }),
  };
  const understanding = text && understandIssue(text, task.overrides);
  const [blockers, pullComments, changeRequests, release] = await Promise.all([
    understanding && BLOCKABLE.includes(state) ? readBlockers(deps, task, understanding) : [],
    pull ? deps.forge.listComments({ repository: ref.repository, number: pull.number }) : [],
    state === "review" && pull ? readChangeRequests(deps, task, ref.repository, pull) : [],
    issue && findRelease(deps, task, issue, self),
  ]);
  const unheard = findUnheard({
    task,
    self,
    issueComments,
    pullComments,
    pull: pull?.number,
    // Last, so that an edit that is seen in a comment is known where it was announced.
    edits: await deps.store.listEdits(task.id),
    ignored: deps.ignoredLogins,
  });
  const facts: Facts = {
    now: deps.clock.now(),
    issue: issue && {
      open: issue.state === "open",
      assigned: issue.assignees.some((assignee) => assignee.id === self.id),
      contentHash: understanding?.contentHash ?? "",
    },
    assignment: assignment?.id,
    blockers,
    head,
    pull: pull && {
      open: pull.state === "open",
      merged: pull.merged,
      intoDefault: pull.base === repository?.defaultBranch,
      closedIssue: isClosedByMerge(issue, pull),
      byAgent: isByAgent(deps, task, pull),
      head: pull.head,
    },
    unheard: unheard.length > 0,
    changesRequested: changeRequests.length > 0,
    released: release !== undefined,
    runs: [...runs.values()].map(progressOf),
  };
  const threads = { issueComments, pullComments };
  return { facts, self, repository, issue, understanding, ...threads, pull, unheard, release, changeRequests, runs };
}

/** Where people see the forge, which is what they copy; the bot may reach it by another address. */
function addressOf({ htmlUrl, name }: Repository): string {
  return htmlUrl.slice(0, -`/${name}`.length);
}

async function findPull(deps: Deps, task: Task, repository: RepositoryName): Promise<Pull | undefined> {
  if (task.pull !== undefined) return deps.forge.readPull(repository, task.pull);
  if (externalUser(deps, task) === undefined) return undefined;
  const pull = await deps.forge.findPull(repository, task.branch);
  return pull?.state === "open" ? pull : undefined;
}

function externalUser(deps: Deps, task: Task): string | undefined {
  if (task.phase.state !== "working") return undefined;
  const profile = deps.profiles[task.phase.session.profile];
  return profile?.driver === "external" ? profile.user : undefined;
}

/** No timeline tells why an issue was closed; the forge closes what a pull request names right after its merge. */
function isClosedByMerge(issue: Issue | undefined, { mergedAt }: Pull): boolean {
  if (issue?.closedAt === undefined || mergedAt === undefined) return false;
  const afterMs = issue.closedAt - mergedAt;
  return afterMs >= 0 && afterMs < CLOSED_BY_MERGE_MS;
}

function isByAgent(deps: Deps, task: Task, pull: Pull): boolean {
  return pull.author.login.toLowerCase() === externalUser(deps, task)?.toLowerCase();
}

async function readRuns(deps: Deps, task: Task): Promise<ReadonlyMap<RunId, RunState>> {
  if (externalUser(deps, task) !== undefined) return new Map();
  const runs = activeRuns(task.phase);
  const states = await Promise.all(runs.map((run) => deps.queue.readRun(task.id, run)));
  return new Map(runs.map((run, index) => [run, states[index] ?? { state: "unknown" }]));
}

/** A run that nobody knows was not started yet: it is started with the same id after this advance. */
function progressOf(run: RunState): RunProgress {
  switch (run.state) {
    case "finished":
      return "ended";
    case "lost":
    case "cancelled":
      return "gone";
    case "waiting":
      return run.unmatched ? "unmatched" : "open";
    default:
      return "open";
  }
}

async function readBlockers(deps: Deps, task: Task, understanding: Understanding): Promise<readonly Blocker[]> {
  const native = await deps.forge.listBlockers(issueRefFrom(task.id));
  const known: Blocker[] = (native ?? []).map(({ ref, title, state }) => ({
    issue: taskIdFrom(ref),
    title,
    state,
  }));
  const named = understanding.blockedBy.filter(({ issue }) => !known.some((blocker) => blocker.issue === issue));
  const read = await Promise.all(named.map((stated) => readBlocker(deps, stated)));
  const unreadable: Blocker[] = native
    ? []
    : [{ issue: task.id, title: "the forge's own dependencies", state: "unreadable" }];
  return [...known, ...read, ...unreadable];
}

/** A number that does not go with the title beside it is questioned rather than believed. */
async function readBlocker(deps: Deps, { issue, expectedTitle }: Understanding["blockedBy"][number]): Promise<Blocker> {
  const found = await deps.forge.readIssue(issueRefFrom(issue));
  if (!found) return { issue, title: "", state: "unreadable" };
  const doubtful = expectedTitle !== undefined && titleDisagrees(expectedTitle, found.title);
  return { issue, title: found.title, state: doubtful ? "doubtful" : found.state };
}

async function readChangeRequests(
  deps: Deps,
  task: Task,
  repository: RepositoryName,
  pull: Pull,
): Promise<readonly Review[]> {
  const reviews = await deps.forge.listReviews(repository, pull.number);
  const open = unansweredReviews(task)?.ids ?? [];
  const asked = reviews.filter(
    ({ id, state }) => state === "changes-requested" && (id > task.handled.review || open.includes(id)),
  );
  const permissions = await Promise.all(asked.map(({ author }) => deps.forge.permissionOf(repository, author)));
  return asked.filter((_, index) => permissions[index] === "write").toSorted((a, b) => a.id - b.id);
}

/** Only the timeline tells a label that was taken away from one that is not there yet, and it is only asked when one is missing. */
async function findRelease(deps: Deps, task: Task, issue: Issue, self: Account): Promise<LabelChange | undefined> {
  const label = stateLabel("parked");
  const isMissing = task.phase.state === "parked" && !task.unpublished && !issue.labels.includes(label ?? "");
  if (!isMissing || label === undefined) return undefined;
  const last = await deps.forge.lastLabelChange(issue.ref, label);
  // Where the label could not be put on again, the newest that the timeline tells is what released the task before.
  const isNew = last !== undefined && !last.added && last.id > (task.handled.release ?? 0);
  return isNew && isHeard({ self, ignored: deps.ignoredLogins }, last.by) ? last : undefined;
}
