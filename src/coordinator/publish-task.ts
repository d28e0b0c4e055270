/** Makes the outside agree with a task's document: jobs, statuses, comments, pull request, label. Everything convergent. */
import { commentKeyOf, hasCommentKey } from "../domain/comment-key.ts";
import type { CommitStatus } from "../domain/commit-status.ts";
import { ParkError } from "../domain/errors.ts";
import { type IssueRef, issueRefFrom, type RunId, type Sha } from "../domain/ids.ts";
import { activeRuns, type Notice, type Task } from "../domain/task.ts";
import type { Account, Comment } from "../ports/forge.ts";
import { statusesFor } from "../report/commit-statuses.ts";
import { labelDefinitions, labelFamily, stateLabel } from "../report/labels.ts";
import { markerDataFrom } from "../report/marked-task.ts";
import { signMarker } from "../report/marker.ts";
import { pullBody, pullTitle } from "../report/pull-text.ts";
import { sameStatus, statusComment } from "../report/status-comment.ts";
import { buildJobs } from "./build-jobs.ts";
import type { Deps } from "./deps.ts";
import type { Situation } from "./situation.ts";
import { wakeDependents } from "./unblock-dependents.ts";

/** The status comment is edited at most this often while the state stays the same. */
const STATUS_EDIT_INTERVAL_MS = 3_000;

/** Publishes `task`; returns it without what is settled now and with what was learned (the pull request's number). */
export async function publishTask(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  // A session's id is on the issue before anything of it starts; gates must not wait for a comment.
  if (task.phase.state === "working") await publishStatusComment(deps, task, situation);
  await Promise.all(task.stopping.map((run) => deps.queue.cancelRun(task.id, run)));
  await startJobs(deps, task, situation);
  const settled = task.unpublished ? await publishChange(deps, task, situation) : task;
  await publishStatusComment(deps, settled, situation);
  await removeDoubles(deps, task, situation);
  await asAllowed(deps, settled, () => publishLabel(deps, settled, situation));
  return settled;
}

/** What follows from a written document once; the flag is cleared only when all of it is there. */
async function publishChange(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  // First, because others wait for it, and what comes next may be refused.
  if (task.phase.state !== "queued" && task.phase.state !== "working") await deps.queue.releaseSlot(task.id);
  await asAllowed(deps, task, () => publishCommitStatuses(deps, task, situation));
  const pull = await asAllowed(deps, task, () => publishPull(deps, task, situation));
  const settled: Task = {
    ...task,
    notices: [],
    stopping: [],
    unpublished: false,
    ...(pull === undefined ? {} : { pull }),
  };
  for (const notice of task.notices) await asAllowed(deps, task, () => publishNotice(deps, settled, notice));
  if (settled.phase.state === "review") await askForReview(deps, settled, situation);
  if (task.phase.state === "done") await wakeDependents(deps, task.id);
  return settled;
}

/** What was refused must not keep from being told that it was refused. */
async function asAllowed<T>(deps: Deps, task: Task, publish: () => Promise<T>): Promise<T | undefined> {
  const isTold = task.phase.state === "parked" && task.phase.code === "forge-refused";
  return publish().catch((error: unknown) => {
    if (!isTold || !(error instanceof ParkError)) throw error;
    deps.log.warn({ err: error, task: task.id, outcome: "refused" }, "not all could be published");
    return undefined;
  });
}

async function startJobs(deps: Deps, task: Task, situation: Situation): Promise<void> {
  const missing = (run: RunId): boolean => {
    const state = situation.runs.get(run)?.state ?? "unknown";
    return state === "unknown" || state === "waiting";
  };
  if (!activeRuns(task.phase).some(missing)) return;
  const jobs = await buildJobs(deps, task, situation);
  await Promise.all(jobs.filter((job) => missing(job.run)).map((job) => deps.queue.startRun(job, task.version)));
}

async function publishCommitStatuses(deps: Deps, task: Task, { runs }: Situation): Promise<void> {
  const { repository } = issueRefFrom(task.id);
  const verification = task.phase.state === "verifying" ? task.phase.verification : undefined;
  const sha = spokenOf(task);
  if (!sha) return;
  const running = [...runs].flatMap(([run, { state }]) => (state === "running" ? [run] : []));
  const known = verification ? { verification, running } : { verdict: task.verdict };
  await deps.forge.ensureStatuses(repository, sha, statusesFor({ ...known, publicUrl: deps.publicUrl }));
}

async function publishPull(deps: Deps, task: Task, { repository, facts }: Situation): Promise<number | undefined> {
  const { state } = task.phase;
  const judged = state === "verifying" || state === "review";
  const hasWork = judged || task.pull !== undefined || task.sessions.some((session) => session.changed);
  const over = state === "done" || state === "cancelled" || facts.pull?.open === false;
  // While gates run nothing of its text changes but what the statuses show already.
  const early = state === "verifying" && task.pull !== undefined;
  if (!repository || !task.head || !hasWork || over || early) return task.pull;
  const pull = await deps.forge.ensurePull(repository.name, {
    head: task.branch,
    base: repository.defaultBranch,
    title: pullTitle(task),
    body: pullBody({
      task,
      profiles: deps.profiles,
      publicUrl: deps.publicUrl,
      repositoryUrl: repository.htmlUrl,
      refused: refusedBy(task),
    }),
    draft: state !== "review",
  });
  return pull.number;
}

function refusedBy(task: Task): readonly string[] {
  return [...new Set(task.sessions.flatMap((session) => session.refused))];
}

/** Whoever assigned the issue is asked; where the forge refuses that, the accepted commit stands all the same. */
async function askForReview(deps: Deps, task: Task, { self }: Situation): Promise<void> {
  const { assigner, pull } = task;
  if (assigner === undefined || pull === undefined || assigner === self.login) return;
  const { repository } = issueRefFrom(task.id);
  await deps.forge.ensureReviewRequested(repository, pull, [assigner]).catch((error: unknown) => {
    deps.log.warn({ err: error, task: task.id, outcome: "refused" }, "review could not be requested");
  });
}

/** Says what is owed to a commit, unless the document speaks of that commit itself. */
async function publishOwedStatuses(deps: Deps, task: Task, sha: Sha, statuses: readonly CommitStatus[]): Promise<void> {
  if (spokenOf(task) === sha) return;
  await deps.forge.ensureStatuses(issueRefFrom(task.id).repository, sha, statuses);
}

/** The commit that the document speaks of: the one whose gates run, else the one that was judged last. */
function spokenOf({ phase, verdict }: Task): Sha | undefined {
  return phase.state === "verifying" ? phase.verification.sha : verdict?.sha;
}

/** Makes what a notice says, once. */
export async function publishNotice(deps: Deps, task: Task, notice: Notice): Promise<void> {
  const { repository } = issueRefFrom(task.id);
  if (notice.kind === "statuses") return publishOwedStatuses(deps, task, notice.sha, notice.statuses);
  if (notice.kind === "reaction") return deps.forge.ensureReaction(repository, notice.comment, notice.content);
  const thread = { repository, number: notice.thread };
  await deps.forge.ensureComment(thread, { key: notice.key, body: notice.body, edit: false });
}

/** A comment whose answer got lost may land after it was made again: the oldest of a key stays. */
async function removeDoubles(deps: Deps, task: Task, situation: Situation): Promise<void> {
  const { issueComments, pull, pullComments, self } = situation;
  const issue = issueRefFrom(task.id);
  await removeDoublesOn(deps, issue, issueComments, self);
  if (pull) await removeDoublesOn(deps, { ...issue, number: pull.number }, pullComments, self);
}

async function removeDoublesOn(
  deps: Deps,
  thread: IssueRef,
  comments: readonly Comment[],
  self: Account,
): Promise<void> {
  const keys = comments.flatMap(({ author, body }) => (author.id === self.id ? (commentKeyOf(body) ?? []) : []));
  const doubles = new Set(keys.filter((key, index) => keys.indexOf(key) < index));
  for (const key of doubles) await deps.forge.ensureComment(thread, { key, body: "", edit: false }, comments);
}

async function publishStatusComment(deps: Deps, task: Task, situation: Situation): Promise<void> {
  const issue = issueRefFrom(task.id);
  const known = situation.issueComments.find(
    (comment) => comment.author.id === situation.self.id && hasCommentKey(comment.body, "status"),
  );
  const now = deps.clock.now();
  const marker = signMarker(markerDataFrom(task), deps.markerKeys);
  const profile = task.phase.state === "queued" ? task.phase.profile : undefined;
  const body = statusComment({
    task,
    markerLine: marker,
    profiles: deps.profiles,
    limits: deps.limits,
    publicUrl: deps.publicUrl,
    repositoryUrl: situation.repository?.htmlUrl ?? "",
    now,
    ...(profile === undefined ? {} : { queuePosition: await deps.queue.slotPosition(profile, task.id) }),
  });
  if (known && sameStatus(known.body, body)) return;
  const sameMarker = known?.body.startsWith(marker) === true;
  if (known && sameMarker && now - known.updatedAt < STATUS_EDIT_INTERVAL_MS) {
    return deps.queue.requestAdvanceAt(task.id, known.updatedAt + STATUS_EDIT_INTERVAL_MS);
  }
  await deps.forge.ensureComment(issue, { key: "status", body, edit: true });
}

async function publishLabel(deps: Deps, task: Task, { issue }: Situation): Promise<void> {
  // Reading lasts a moment: a label for it would only be noise in the thread.
  if (!issue || task.phase.state === "reading") return;
  const wanted = stateLabel(task.phase.state);
  const family = labelFamily();
  const present = issue.labels.filter((label) => family.includes(label));
  if (present.length === (wanted === undefined ? 0 : 1) && present[0] === wanted) return;
  await deps.forge.ensureRepositoryLabels(issue.ref.repository, labelDefinitions());
  await deps.forge.ensureIssueLabel(issue.ref, wanted, family);
}
