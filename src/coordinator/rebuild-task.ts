/** A task from its marker: what the status comment's first line tells, and for the rest a new beginning. */
import { issueRefFrom } from "../domain/ids.ts";
import type { FinishedSession } from "../domain/session.ts";
import type { Phase, Task } from "../domain/task.ts";
import { assertNever } from "../lib/assert-never.ts";
import { RUNNER_LOST_MS } from "../protocol/redis-layout.ts";
import type { MarkerData } from "../report/marker.ts";

/**
 * The task rebuilt from its signed marker.
 *
 * What runs, waits or is judged goes back to `reading`: issue, branch and kept gate results say the rest again, and the
 * session that was under way is cancelled in case its runner still lives. Nothing starts for the time in which such a
 * runner kills what it runs. A withheld verdict is not carried, so it is found again before anybody can accept it.
 */
export function taskFromMarker(data: MarkerData, fresh: Task): Task {
  const { task: _id, state: _state, park: _park, sha: _sha, run, sessions, branch, ...kept } = data;
  return {
    ...fresh,
    ...kept,
    phase: phaseFrom(data, fresh.createdAt),
    reason: "Rebuilt from this comment after the cache was lost.",
    branch: branch ?? fresh.branch,
    sessions: sessions.map(sessionFrom),
    stopping: run === undefined ? [] : [run],
    notBefore: fresh.createdAt + RUNNER_LOST_MS,
  };
}

function sessionFrom({ run, profile }: MarkerData["sessions"][number], index: number): FinishedSession {
  return { run, profile, ordinal: index + 1, outcome: "not-recorded", changed: false, durationMs: 0, refused: [] };
}

function phaseFrom(data: MarkerData, now: number): Phase {
  switch (data.state) {
    case "reading":
    case "blocked":
    case "queued":
    case "working":
    case "verifying":
      return { state: "reading" };
    case "review":
      return data.sha === undefined ? { state: "reading" } : { state: "review", sha: data.sha };
    case "parked":
      if (data.park === undefined || data.park === "withheld") return { state: "reading" };
      return { state: "parked", code: data.park, detail: "The details are in the comments above.", since: now };
    case "done":
      return { state: "done", detail: `#${issueRefFrom(data.task).number} was finished.` };
    case "cancelled":
      return { state: "cancelled", detail: "It was stopped." };
    default:
      return assertNever(data.state);
  }
}
