/** Starts a session when a slot of its profile is free: another account is asked, or a job is given to a runner. */

import { issueRefFrom } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import { enterPhase, type Task } from "../domain/task.ts";
import { DEFAULT_PRIORITY } from "../intake/read-labels.ts";
import { inlineCode } from "../lib/text.ts";
import { externalAssignmentComment } from "../report/external-assignment-comment.ts";
import type { Deps } from "./deps.ts";
import { instructionFor, readOpenReviews } from "./instruction.ts";
import { withComment } from "./park-task.ts";
import { knownGates, readRepositoryRules } from "./repository-rules.ts";
import type { Situation } from "./situation.ts";
import { slotOrder } from "./slot-order.ts";

/** The working task; the same one when no slot is free. The session's id is stored and shown before anything starts. */
export async function startSession(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  if (task.phase.state !== "queued" || !situation.repository) return task;
  const { profile: name } = task.phase;
  const profile = deps.profiles[name];
  // The profile was taken out of the configuration: choose again among those there are.
  if (!profile) return enterPhase(task, { state: "reading" }, `the profile ${name} is not configured any more`);
  const base = await deps.forge.readBranch(situation.repository.name, situation.repository.defaultBranch);
  // Where nothing can be begun, nor even told, others go first.
  if (situation.repository.archived || !base) {
    await deps.queue.releaseSlot(task.id);
    return task;
  }
  const free = await deps.queue.takeSlot(name, profile.slots, {
    task: task.id,
    priority: await slotOrder(deps, task, situation.understanding?.priority ?? DEFAULT_PRIORITY),
  });
  if (!free) return task;
  const reviews = await readOpenReviews(deps, task);
  if (task.reviews && reviews.length === 0) return withoutReviews(task);
  const session: Session = {
    run: deps.newRunId(),
    profile: name,
    ordinal: task.sessions.length + 1,
    base,
    ...(situation.facts.head ? { startHead: situation.facts.head } : {}),
    instruction: await instructionFor(deps, task, { repository: situation.repository, profile: name, reviews }),
    startedAt: deps.clock.now(),
  };
  const begun: Task = { ...task, claimed: false, head: session.startHead ?? base };
  const working = enterPhase(begun, { state: "working", session }, underWay(task, session));
  return profile.driver === "external" ? askAccount(deps, working, session, profile.user, situation) : working;
}

/** What nobody asks for any more is no work for an agent. */
function withoutReviews({ reviews: _, ...task }: Task): Task {
  return enterPhase(task, { state: "reading" }, "the review that asked for changes was dismissed");
}

function underWay({ sessions, verdict }: Task, { ordinal }: Session): string {
  const failed = sessions.length === 0 || verdict?.outcome !== "rejected" ? [] : verdict.results;
  const names = failed.filter(({ outcome }) => outcome === "failed").map(({ gate }) => inlineCode(gate));
  if (names.length === 0) return `session ${ordinal} is under way`;
  return `${names.join(", ")} did not pass; session ${ordinal} works on that`;
}

async function askAccount(deps: Deps, task: Task, session: Session, user: string, situation: Situation): Promise<Task> {
  if (!situation.repository) return task;
  const ref = issueRefFrom(task.id);
  await deps.forge.ensureBranch(ref.repository, task.branch, session.base);
  await deps.forge.ensureAssignee(ref, user);
  const body = externalAssignmentComment({
    task,
    user,
    profile: session.profile,
    ...knownGates(await readRepositoryRules(deps, situation.repository)),
    defaultBranch: situation.repository.defaultBranch,
  });
  return withComment(task, `ask:${session.run}`, body);
}
