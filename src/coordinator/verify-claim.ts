/** Verifies a claim: all gates of one commit as jobs, their results, and the verdict. */

import type { Sha } from "../domain/ids.ts";
import { activeRuns, enterPhase, type Task } from "../domain/task.ts";
import type { GateResult } from "../domain/verdict.ts";
import type { GateRun, Verification } from "../domain/verification.ts";
import { decideVerdict } from "../gates/decide-verdict.ts";
import type { RunState } from "../ports/task-queue.ts";
import { afterVerdict } from "./after-verdict.ts";
import type { Deps } from "./deps.ts";
import { withExternalTurn } from "./finished-session.ts";
import { parkTask } from "./park-task.ts";
import { parkForRules, readRepositoryRules } from "./repository-rules.ts";
import { FAILED_JOB_RETRIES, LOST_RUN_RETRIES } from "./retries.ts";
import type { Situation } from "./situation.ts";

/** The task with all gates of `sha` asked for. The gates are those of the default branch now. */
export async function verifyHead(deps: Deps, task: Task, { repository }: Situation, sha: Sha): Promise<Task> {
  if (!repository) return task;
  const [found, base] = await Promise.all([
    readRepositoryRules(deps, repository),
    deps.forge.readBranch(repository.name, repository.defaultBranch),
  ]);
  const answered = withAnswer(withExternalTurn(deps, task, sha));
  // The head is noted wherever this ends, or the same push would be found anew for ever.
  const waiting: Task = { ...answered, head: sha, recheck: true };
  if (found.found !== "rules") return parkForRules(deps, waiting, found);
  if (!base) return parkForRules(deps, waiting, { found: "nothing" });
  if (sha === base)
    return parkTask(
      deps,
      { ...answered, head: sha, claimed: false, recheck: false },
      "no-work",
      "it was claimed to be done, but the branch holds no commit of its own",
    );
  const { gates, setup, integrity } = found.rules;
  const alone = gates.find(({ name }) => name === task.recheckGate);
  const verification: Verification = {
    sha,
    base,
    gates: gates.map((gate) => ({ gate, run: deps.newRunId(), tries: 1 })),
    ...(setup ? { setup } : {}),
    integrity,
    inspection: { run: deps.newRunId(), tries: 1 },
    fresh: task.recheck,
    ...(alone ? { freshGate: alone.name } : {}),
    startedAt: deps.clock.now(),
  };
  const { recheckGate: _gate, lastEnd: _end, ...rest } = answered;
  const claimed: Task = { ...rest, head: sha, recheck: false, claimed: false };
  return enterPhase(claimed, { state: "verifying", verification }, whyVerified(task, sha));
}

/** A claim says that a review was taken up; a person who pushes while all waits for people has it in hand. */
function withAnswer(task: Task): Task {
  const isAnswer = task.claimed || task.phase.state === "working" || task.phase.state === "parked";
  return isAnswer && task.reviews ? { ...task, reviews: { ...task.reviews, answered: true } } : task;
}

function whyVerified({ recheck, claimed, phase, verdict }: Task, sha: Sha): string {
  if (recheck) return "somebody asked for another check";
  if (claimed || phase.state === "working") return "the agent says that it is done";
  return verdict?.sha === sha ? "the same commit is judged once more" : "the branch has a new commit";
}

/** The results that have come in, and the verdict when they were the last ones. */
export async function collectVerification(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  const collected = collectResults(deps, task, situation);
  return activeRuns(collected.phase).length === 0 ? concludeVerification(deps, collected, situation) : collected;
}

/** The task with results taken in; jobs that were lost are given out again under a new id. */
function collectResults(deps: Deps, task: Task, { runs }: Situation): Task {
  if (task.phase.state !== "verifying") return task;
  const { verification } = task.phase;
  const gates = verification.gates.map((run) => (run.result ? run : collectGate(deps, run, runs.get(run.run))));
  const inspection = collectInspection(deps, verification, runs.get(verification.inspection.run));
  const collected: Verification = { ...verification, gates, inspection };
  return { ...task, phase: { state: "verifying", verification: collected } };
}

/** The verdict on the commit, and what follows from it. */
export async function concludeVerification(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  if (task.phase.state !== "verifying") return task;
  const { sha, gates, inspection, integrity } = task.phase.verification;
  const results = gates.flatMap((run) => (run.result ? [run.result] : []));
  const verdict = decideVerdict({ sha, results, integrity: inspection.result ?? [], policy: integrity });
  deps.log.info({ task: task.id, sha, outcome: verdict.outcome }, "verdict");
  return afterVerdict(deps, { ...task, verdict }, situation);
}

function collectGate(deps: Deps, run: GateRun, state: RunState | undefined): GateRun {
  if (state?.state === "finished" && state.result.kind === "gate") {
    const { result } = state.result;
    return result.outcome === "error" && mayRetry(run, state) ? retried(deps, run) : { ...run, result };
  }
  if (state?.state !== "lost" && state?.state !== "cancelled") return run;
  if (state.state === "lost" && state.handedBack) return { ...run, run: deps.newRunId() };
  const reason = state.state === "lost" ? state.reason : "the job was cancelled";
  return mayRetry(run, state) ? retried(deps, run) : { ...run, result: errorResult(run, reason) };
}

function mayRetry({ tries }: { readonly tries: number }, { state }: RunState): boolean {
  return tries <= (state === "lost" ? LOST_RUN_RETRIES : FAILED_JOB_RETRIES);
}

function retried<R extends { readonly tries: number }>(deps: Deps, run: R): R {
  return { ...run, run: deps.newRunId(), tries: run.tries + 1 };
}

function errorResult(run: GateRun, summary: string): GateResult {
  return {
    gate: run.gate.name,
    outcome: "error",
    summary,
    command: run.gate.steps.at(-1) ?? "",
    findings: [],
    excerpt: "",
    durationMs: 0,
    reused: false,
    run: run.run,
    refusedHosts: [],
  };
}

/** What cannot be inspected is not taken for harmless: it is tried again, and the verdict waits for a person in the end. */
function collectInspection(
  deps: Deps,
  { inspection }: Verification,
  state: RunState | undefined,
): Verification["inspection"] {
  if (inspection.result) return inspection;
  if (state?.state === "finished" && state.result.kind === "inspection" && state.result.outcome === "inspected") {
    return { ...inspection, result: state.result.integrity };
  }
  if (state?.state === "lost" && state.handedBack) return { ...inspection, run: deps.newRunId() };
  if (state?.state !== "finished" && state?.state !== "lost" && state?.state !== "cancelled") return inspection;
  if (mayRetry(inspection, state)) return retried(deps, inspection);
  return { ...inspection, result: [{ kind: "not-inspected", file: "*", detail: whyNotInspected(state) }] };
}

function whyNotInspected(state: RunState): string {
  if (state.state === "finished" && state.result.kind === "inspection") return state.result.summary;
  return state.state === "lost" ? state.reason : "the job was cancelled";
}
