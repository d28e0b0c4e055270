/** The row of a session that ended, for the sessions table and for who worked last. */
import type { Sha } from "../domain/ids.ts";
import type { FinishedSession, Session } from "../domain/session.ts";
import type { SessionEnding } from "../domain/session-outcome.ts";
import type { Task } from "../domain/task.ts";
import { costDollars } from "../domain/usage.ts";
import { truncate } from "../lib/text.ts";
import type { SessionResult } from "../protocol/jobs.ts";
import type { Deps } from "./deps.ts";

/** What a hostile agent asks the gateway for is told, but not without end. */
const MAX_REFUSED = 20;
/** How a session ended is told in its row of a table. */
const MAX_WHY = 300;

/** What is kept of a session's end. */
export function finishedSession(
  deps: Deps,
  session: Session,
  result: Pick<SessionResult, "changed" | "durationMs" | "usage" | "refused"> & {
    readonly outcome: SessionEnding;
    readonly summary: string;
  },
): FinishedSession {
  const price = deps.profiles[session.profile]?.price;
  return {
    run: session.run,
    profile: session.profile,
    ordinal: session.ordinal,
    outcome: result.outcome,
    ...(result.summary ? { why: truncate(result.summary, MAX_WHY) } : {}),
    changed: result.changed,
    durationMs: result.durationMs,
    refused: result.refused.slice(0, MAX_REFUSED),
    ...(result.usage ? { usage: result.usage } : {}),
    ...(result.usage && price ? { costDollars: costDollars(result.usage, price) } : {}),
  };
}

/** An account that was asked sends no result: its claim ends its session. */
export function withExternalTurn(deps: Deps, task: Task, claimed: Sha): Task {
  if (task.phase.state !== "working") return task;
  const { session } = task.phase;
  if (deps.profiles[session.profile]?.driver !== "external") return task;
  const turn = finishedSession(deps, session, {
    outcome: "claimed",
    summary: "",
    changed: claimed !== (session.startHead ?? session.base),
    refused: [],
    durationMs: deps.clock.now() - session.startedAt,
  });
  return { ...task, sessions: [...task.sessions, turn] };
}
