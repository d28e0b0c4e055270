/** A task as its marker tells it: what survives when only the forge is left. `coordinator/rebuild-task.ts` reads it back. */
import type { Task } from "../domain/task.ts";
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
    ...(task.reviews && { reviews: task.reviews }),
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
