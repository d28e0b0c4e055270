/**
 * Advances a task by one step: reads its document and the facts, does the one next thing, stores, publishes, ends.
 *
 * Level-triggered: webhooks, results, timers and reconciliation all only ask for one more advance. Killed at whatever
 * instruction, the next advance mends it: the document is written before anything outside is changed, and everything
 * outside is made to agree with the document, whoever wrote it.
 */

import type { TaskId } from "../domain/ids.ts";
import { nextStep, type Step } from "../domain/next-step.ts";
import type { Task } from "../domain/task.ts";
import { assertNever } from "../lib/assert-never.ts";
import { inlineCode } from "../lib/text.ts";
import { adoptTask } from "./adopt-task.ts";
import { chooseProfile } from "./choose-profile.ts";
import type { Deps } from "./deps.ts";
import { endSession, loseSession } from "./end-session.ts";
import { cancelTask, finishTask, restartTask, takeReviews } from "./finish-task.ts";
import { hearComments } from "./hear-comments.ts";
import { withOwedStatuses } from "./owed-statuses.ts";
import { parkTask } from "./park-task.ts";
import { publishTask } from "./publish-task.ts";
import { releaseTask } from "./release-task.ts";
import { readSituation, type Situation } from "./situation.ts";
import { startSession } from "./start-session.ts";
import { askAuthor, blockTask, unblockTask, understandTask } from "./understand-task.ts";
import { collectVerification, concludeVerification, verifyHead } from "./verify-claim.ts";

/** One advance. Does nothing for an issue that is not the bot's business. */
export async function advanceTask(deps: Deps, id: TaskId): Promise<void> {
  const before = (await deps.store.read(id)) ?? (await adoptTask(deps, id));
  if (!before) return;
  const situation = await readSituation(deps, before);
  const step = nextStep(before, situation.facts);
  const after = withOwedStatuses(before, await takeStep(deps, before, situation, step), deps.publicUrl);
  const stored = after === before ? before : await store(deps, { ...after, unpublished: true });
  if (!stored) return deps.queue.requestAdvance(id);
  if (after !== before)
    deps.log.info({ task: id, step: step.do, state: stored.phase.state, reason: stored.reason }, "task advanced");
  const settled = await publishTask(deps, stored, situation);
  if (stored.unpublished && !(await store(deps, settled))) await publishAgain(deps, id);
  if (after !== before) {
    await deps.store.forgetEdits(
      id,
      situation.unheard.flatMap((words) => words.covers),
    );
    await deps.queue.requestAdvance(id);
  }
  if (step.do === "wait" && step.until !== undefined) await deps.queue.requestAdvanceAt(id, step.until);
}

/** Somebody went on with the task meanwhile, so what was published here may be older than theirs: theirs is published once more. */
async function publishAgain(deps: Deps, id: TaskId): Promise<void> {
  let current: Task | undefined;
  do current = await deps.store.read(id);
  while (current && !(await store(deps, { ...current, unpublished: true })));
  await deps.queue.requestAdvance(id);
}

async function store(deps: Deps, task: Task): Promise<Task | undefined> {
  return deps.store.write({ ...task, updatedAt: deps.clock.now() });
}

function mergedElsewhere({ pull, facts }: Situation): string {
  const where = `merged into ${inlineCode(pull?.base ?? "another branch")}, not the default branch`;
  return facts.issue?.open ? where : `${where}; the forge took the issue for finished with it: open it again to go on`;
}

async function takeStep(deps: Deps, task: Task, situation: Situation, step: Step): Promise<Task> {
  switch (step.do) {
    case "hear":
      return hearComments(deps, task, situation);
    case "release":
      return releaseTask(deps, task, situation);
    case "restart":
      return restartTask(task, step.assignment, situation);
    case "understand":
      return understandTask(task, situation);
    case "ask-author":
      return askAuthor(deps, task, situation);
    case "block":
      return blockTask(deps, task, situation);
    case "unblock":
      return unblockTask(task);
    case "choose":
      return chooseProfile(deps, task, situation);
    case "start-session":
      return startSession(deps, task, situation);
    case "end-session":
      return endSession(deps, task, situation);
    case "lose-session":
      return loseSession(deps, task, situation);
    case "verify":
      return verifyHead(deps, task, situation, step.sha);
    case "collect":
      return collectVerification(deps, task, situation);
    case "conclude":
      return concludeVerification(deps, task, situation);
    case "take-reviews":
      return takeReviews(deps, task, situation);
    case "park-merged-elsewhere":
      return parkTask(deps, task, "merged-elsewhere", mergedElsewhere(situation));
    case "finish":
      return finishTask(task, step.detail);
    case "cancel":
      return cancelTask(task, step.detail);
    case "wait":
      return step.reason === undefined || step.reason === task.reason ? task : { ...task, reason: step.reason };
    default:
      return assertNever(step);
  }
}
