/** A task to its marker and back: what survives when only the forge is left. */
import { issueRefFrom } from "../domain/ids.ts";
import type { FinishedSession, Phase, Task } from "../domain/task.ts";
import { assertNever } from "../lib/assert-never.ts";
import { RUNNER_LOST_MS } from "../protocol/redis-layout.ts";
import type { MarkerData } from "./marker.ts";

/** More sessions than this are not carried; ordinals then start again from here. */
const MAX_SESSIONS = 200;

/** What the marker of `task` says. */
export function markerDataFrom(task: Task): MarkerData {
  const { phase } = task;
  const session = phase.state === "working" ? phase.session : undefined;
  const sessions = [...task.sessions, ...(session ? [session] : [])].map(({ run, profile }) => ({ run, profile }));
  return {
    task: task.id,
    state: phase.state,
    ...(session && { run: session.run }),
    sessions: sessions.slice(0, MAX_SESSIONS),
    attempts: task.attempts,
    attemptsWithProfile: task.attemptsWithProfile,
    ...(task.outgrown !== undefined && { outgrown: task.outgrown }),
    ...(task.review && { review: task.review }),
    handled: task.handled,
    assignment: task.assignment,
    branch: task.branch,
    ...(task.pull !== undefined && { pull: task.pull }),
    ...(phase.state === "review" && { sha: phase.sha }),
    ...(task.head !== undefined && { head: task.head }),
    ...(task.rejected !== undefined && { rejected: task.rejected }),
    claimed: task.claimed,
    recheck: task.recheck,
    overrides: task.overrides,
    ...(phase.state === "parked" && { park: phase.code }),
  };
}

/**
 * The task rebuilt from its signed marker.
 *
 * What runs, waits or is judged goes back to `reading`: issue, branch and kept gate results say the rest again, and the
 * session that was under way is cancelled in case its runner still lives. Nothing starts for the time in which such a
 * runner kills what it runs. A withheld verdict is not carried, so it is found again before anybody can accept it.
 */
export function taskFromMarker(
  data: MarkerData,
  fresh: { readonly title: string; readonly now: number; readonly branch: string },
): Task {
  return {
    id: data.task,
    version: 0,
    phase: phaseFrom(data, fresh.now),
    reason: "Rebuilt from this comment after the cache was lost.",
    title: fresh.title,
    assignment: data.assignment,
    contentHash: "",
    blockedBy: [],
    overrides: data.overrides,
    branch: data.branch ?? fresh.branch,
    ...(data.head !== undefined && { head: data.head }),
    ...(data.rejected !== undefined && { rejected: data.rejected }),
    ...(data.pull !== undefined && { pull: data.pull }),
    ...(data.review && { review: data.review }),
    ...(data.outgrown !== undefined && { outgrown: data.outgrown }),
    attempts: data.attempts,
    attemptsWithProfile: data.attemptsWithProfile,
    noWork: 0,
    ourFailures: 0,
    sessions: data.sessions.map(sessionFrom),
    handled: data.handled,
    handledEdits: [],
    notices: [],
    stopping: data.run === undefined ? [] : [data.run],
    recheck: data.recheck,
    claimed: data.claimed,
    notBefore: fresh.now + RUNNER_LOST_MS,
    unpublished: true,
    createdAt: fresh.now,
    updatedAt: fresh.now,
  };
}

function sessionFrom({ run, profile }: MarkerData["sessions"][number], index: number): FinishedSession {
  return { run, profile, ordinal: index + 1, outcome: "not recorded", changed: false, durationMs: 0, refused: [] };
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
