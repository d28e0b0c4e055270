/** What a session's end means for the task: verify, go on, step up, or ask a person. */
import { fruitlessPrompt, stoppedPrompt } from "../continuation/no-work-prompt.ts";
import type { Session } from "../domain/session.ts";
import { isSentBack, type Task, unansweredReviews } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import type { SessionResult } from "../protocol/jobs.ts";
import type { Deps } from "./deps.ts";
import { finishedSession } from "./finished-session.ts";
import { parkTask } from "./park-task.ts";
import { requeue } from "./requeue.ts";
import { FAILED_SESSION_RETRIES, LOST_RUN_RETRIES } from "./retries.ts";
import type { Situation } from "./situation.ts";
import { stepUp } from "./step-up.ts";
import { verifyHead } from "./verify-claim.ts";

/** Wait after the first failure of ours; doubled by each further one. */
const OUR_FAILURE_PAUSE_MS = 2_500;
/** Fruitless sessions of one profile before the next one gets the work. */
const NO_WORK_BEFORE_STEP_UP = 2;

/** The task after its session's result. */
export async function endSession(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  if (task.phase.state !== "working") return task;
  const { session } = task.phase;
  const run = situation.runs.get(session.run);
  if (run?.state !== "finished" || run.result.kind !== "session") return task;
  const { result } = run;
  const ended: Task = {
    ...task,
    ...(result.head ? { head: result.head } : {}),
    sessions: [...task.sessions, finishedSession(deps, session, result)],
  };
  switch (result.outcome) {
    case "claimed":
      return claimed(deps, ended, session, result, situation);
    case "stopped":
      return result.changed
        ? again(deps, { ...ended, lastEnd: stoppedPrompt(result.summary) }, session)
        : fruitless(deps, ended, session, result, situation);
    case "limit":
      return parkTask(deps, { ...ended, noWork: 0 }, "session-limit", result.summary);
    default:
      return ourFailure(deps, ended, session, { summary: result.summary, retries: FAILED_SESSION_RETRIES });
  }
}

/**
 * A session whose runner is gone: started anew, and no attempt is counted. What it pushed before it was lost is found as the
 * branch's head and judged; what a runner pushed that ended in order is unfinished work, on which the next session goes on.
 */
export function loseSession(deps: Deps, task: Task, situation: Situation): Task {
  if (task.phase.state !== "working") return task;
  const { session } = task.phase;
  const run = situation.runs.get(session.run);
  const summary = run?.state === "lost" ? run.reason : "the session was lost";
  const head = situation.facts.head ?? task.head;
  const changed = head !== undefined && head !== (session.startHead ?? session.base);
  const ended = {
    outcome: "lost" as const,
    summary: "",
    changed,
    refused: [],
    durationMs: deps.clock.now() - session.startedAt,
  };
  const counted: Task = { ...task, sessions: [...task.sessions, finishedSession(deps, session, ended)] };
  if (run?.state !== "lost" || !run.handedBack) {
    return ourFailure(deps, counted, session, { summary, retries: LOST_RUN_RETRIES });
  }
  const kept: Task = { ...counted, ...(head ? { head } : {}) };
  return requeue(deps, kept, session.profile, "its runner was stopped; it goes on with the next one");
}

async function claimed(
  deps: Deps,
  task: Task,
  session: Session,
  result: SessionResult,
  situation: Situation,
): Promise<Task> {
  const { head } = result;
  const reviews = unansweredReviews(task);
  const moved = head !== session.startHead;
  // A claim counts with a changed tree, or for what an earlier session left: work that nobody judged, or that answers reviews.
  const answers = reviews !== undefined && reviews.of !== head && task.verdict?.outcome === "accepted";
  const judged = isSentBack(task, head) && !answers;
  if (head && (result.changed || (!judged && (moved || task.pull !== undefined)))) {
    return verifyHead(deps, { ...task, noWork: 0, ourFailures: 0 }, situation, head);
  }
  return fruitless(deps, task, session, result, situation);
}

async function fruitless(
  deps: Deps,
  task: Task,
  session: Session,
  result: SessionResult,
  situation: Situation,
): Promise<Task> {
  const counted: Task = { ...task, noWork: task.noWork + 1, lastEnd: fruitlessPrompt(result.summary) };
  if (counted.noWork < NO_WORK_BEFORE_STEP_UP) return again(deps, counted, session);
  const weary: Task = { ...counted, noWork: 0, attempts: counted.attempts + 1 };
  const why = `${inlineCode(session.profile)} ended ${NO_WORK_BEFORE_STEP_UP} times in a row without any work`;
  const stronger = await stepUp(deps, weary, situation, { from: session.profile, why });
  const how = result.summary === "" ? "" : `: ${result.summary}`;
  return stronger ?? parkTask(deps, counted, "no-work", `${inlineCode(session.profile)} ended without any work${how}`);
}

/** One more session of the same profile, when the attempts allow it. */
function again(deps: Deps, task: Task, session: Session): Task {
  const counted: Task = { ...task, attempts: task.attempts + 1, attemptsWithProfile: task.attemptsWithProfile + 1 };
  if (counted.attempts >= deps.limits.attempts) {
    return parkTask(deps, counted, "attempts", `${counted.attempts} attempts did not lead to an accepted commit`);
  }
  const end = task.sessions.at(-1)?.changed
    ? "stopped before the end; it goes on from its own work"
    : "ended without any change; it is asked again in other words";
  return requeue(deps, counted, session.profile, `${inlineCode(session.profile)} ${end}`);
}

interface OurFailure {
  readonly summary: string;
  readonly retries: number;
}

function ourFailure(deps: Deps, task: Task, session: Session, { summary, retries }: OurFailure): Task {
  const failures = task.ourFailures + 1;
  const counted: Task = { ...task, ourFailures: failures };
  if (failures > retries) return parkTask(deps, counted, "our-failure", summary);
  const notBefore = deps.clock.now() + OUR_FAILURE_PAUSE_MS * 2 ** (failures - 1);
  const reason = `Steward failed and tries again: ${summary}`;
  return requeue(deps, { ...counted, notBefore }, session.profile, reason);
}
