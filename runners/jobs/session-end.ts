/** What is said of a session that has ended. */
import type { Usage } from "../../src/domain/usage.ts";
import type { SessionJob, SessionOutcome, SessionResult } from "../../src/protocol/jobs.ts";
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
  readonly refused: readonly string[];
  readonly durationMs: number;
}

/** A provider that gave nothing but errors leaves an agent without a chance. */
function isProvidersFault({ usage, home }: SessionEnd): boolean {
  return usage !== undefined && usage.requests > 0 && usage.providerErrors >= usage.requests && !home.pushed;
}

function outcomeOf(end: SessionEnd): SessionOutcome {
  const { ended, home } = end;
  if (home.refusal) return "push-refused";
  if (isProvidersFault(end)) return "provider-error";
  if (ended.end === "timeout") return "limit";
  return ended.end === "exit" && ended.exitCode === 0 ? "claimed" : "stopped";
}

function summaryOf({ ended, limits, home, usage }: SessionEnd, outcome: SessionOutcome): string {
  const how = endInWords(ended, limits);
  const why = outcome === "provider-error" ? [`the model's provider failed ${usage?.providerErrors} times`] : [];
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
