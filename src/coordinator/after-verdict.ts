/** What follows from a verdict: review, another session, a stronger agent, or a person. */
import { enterPhase, profileOf, type Task, unansweredReviews, withFreshAttempts } from "../domain/task.ts";
import type { Verdict } from "../domain/verdict.ts";
import { inlineCode } from "../lib/text.ts";
import { acceptedComment } from "../report/accepted-comment.ts";
import type { Deps } from "./deps.ts";
import { continuationFor } from "./instruction.ts";
import { parkTask, withComment } from "./park-task.ts";
import { backToWork } from "./requeue.ts";
import type { Situation } from "./situation.ts";
import { stepUp } from "./step-up.ts";

/** The task after `task.verdict`. */
export async function afterVerdict(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  const { verdict } = task;
  if (!verdict) return task;
  switch (verdict.outcome) {
    case "accepted":
      return acceptTask(deps, task, verdict, situation);
    case "withheld":
      return parkTask(deps, task, "withheld", "all gates pass, but the branch changed what decides that");
    case "failed":
      return parkTask(deps, task, "our-failure", errorSummary(verdict));
    default:
      return rejected(deps, task, verdict, situation);
  }
}

function acceptTask(deps: Deps, task: Task, verdict: Verdict, { repository }: Situation): Task {
  // What passes may be a part of what was asked for: nobody is told to look at it.
  if (unansweredReviews(task)) return backToWork(deps, task, "all gates pass, and a review still asks for changes");
  const { reviews: _, ...answered } = task;
  const accepted = withFreshAttempts(answered);
  const review = enterPhase(accepted, { state: "review", sha: verdict.sha }, "nothing is merged without a person");
  const body = acceptedComment({
    task: review,
    verdict,
    publicUrl: deps.publicUrl,
    repositoryUrl: repository?.htmlUrl ?? "",
  });
  return withComment(review, `accepted:${verdict.sha}`, body);
}

async function rejected(deps: Deps, task: Task, verdict: Verdict, situation: Situation): Promise<Task> {
  const profile = profileOf(task);
  const isNew = task.rejected === verdict.sha ? 0 : 1;
  const attempts = task.attempts + isNew;
  const attemptsWithProfile = task.attemptsWithProfile + isNew;
  const counted: Task = { ...task, rejected: verdict.sha, attempts, attemptsWithProfile };
  const prompt = continuationFor(deps, counted, {
    verdict,
    profile: profile ?? "",
    source: situation.repository?.defaultBranch ?? "",
    gates: task.phase.state === "verifying" ? task.phase.verification.gates.map((run) => run.gate) : [],
  });
  const told = withComment(counted, `continuation:${verdict.sha}:${attempts}`, prompt);
  const failing = verdict.results.filter((result) => result.outcome === "failed").map((result) => result.gate);
  const names = failing.map(inlineCode).join(", ");
  const reason = `rejected: ${names}`;
  if (attempts >= deps.limits.attempts) {
    return parkTask(deps, told, "attempts", `${attempts} attempts did not lead to an accepted commit; last: ${reason}`);
  }
  const stronger =
    profile !== undefined && counted.attemptsWithProfile >= deps.limits["step-up-after"]
      ? await stepUp(deps, told, situation, {
          from: profile,
          why: `${counted.attemptsWithProfile} of its attempts were rejected`,
        })
      : undefined;
  return stronger ?? backToWork(deps, told, `${names} did not pass`);
}

function errorSummary(verdict: Verdict): string {
  const failed = verdict.results.filter((result) => result.outcome === "error");
  return failed.map((result) => `${result.gate}: ${result.summary}`).join("; ") || "no gate could be run";
}
