/** What is said of a session that has ended. */
import type { SessionOutcome } from "../../src/domain/session-outcome.ts";
import type { Usage } from "../../src/domain/usage.ts";
import type { SessionJob, SessionResult } from "../../src/protocol/jobs.ts";
import type { SandboxLimits, SandboxResult } from "../sandbox/sandbox.ts";
import { endInWords } from "./job-end.ts";
import type { BroughtHome } from "./session-commit.ts";

/** All that is known at its end. */
export interface SessionEnd {
  readonly job: SessionJob;
  readonly ended: SandboxResult;
  readonly limits: SandboxLimits;
  readonly home: BroughtHome;
  readonly usage: Usage | undefined;
  /** What the agent asked of its model last got no answer. */
  readonly isProviderFailing: boolean;
  readonly refused: readonly string[];
  readonly durationMs: number;
}

/** A provider that gave nothing but errors, or at which the agent gave up in the end, leaves it without a chance. */
function isProvidersFault({ usage, home, ended, isProviderFailing }: SessionEnd): boolean {
  if (home.pushed || !usage) return false;
  const gaveUp = ended.end === "exit" && ended.exitCode !== 0;
  return (usage.requests > 0 && usage.providerErrors >= usage.requests) || (gaveUp && isProviderFailing);
}

function isClean({ end, exitCode }: SandboxResult): boolean {
  return end === "exit" && exitCode === 0;
}

function outcomeOf(end: SessionEnd): SessionOutcome {
  const { ended, home } = end;
  if (home.refusal) return "push-refused";
  if (isProvidersFault(end)) return "provider-error";
  if (ended.end === "timeout") return "limit";
  return isClean(ended) ? "claimed" : "stopped";
}

function summaryOf({ ended, limits, home, usage }: SessionEnd, outcome: SessionOutcome): string {
  const how = isClean(ended) ? undefined : endInWords(ended, limits);
  const failures = usage?.providerErrors ?? 0;
  const times = failures === 1 ? "1 time" : `${failures} times`;
  const why = outcome === "provider-error" ? [`the model's provider failed ${times}`] : [];
  return [home.refusal, ...why, how, home.leftOut].filter((part) => part !== undefined).join("; ");
}

/** The result of a session. */
export function sessionResult(end: SessionEnd): SessionResult {
  const { job, home, usage, refused, durationMs } = end;
  const outcome = outcomeOf(end);
  const head = home.pushed ?? job.branchHead;
  return {
    kind: "session",
    outcome,
    summary: summaryOf(end, outcome),
    changed: home.pushed !== undefined,
    ...(head ? { head } : {}),
    ...(usage ? { usage } : {}),
    refused: [...refused],
    durationMs,
  };
}
