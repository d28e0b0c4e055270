/** Puts a task into the queue of one profile. */
import { enterPhase, profileOf, type Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";

/** The task waiting for a slot of `profile`. What its next session is told is gathered when that begins. */
export function requeue(deps: Deps, task: Task, profile: string, reason: string): Task {
  return enterPhase(task, { state: "queued", profile, since: deps.clock.now() }, reason);
}

/** The task back with who worked on it last; where nobody did, or it was too hard for that one, somebody is chosen. */
export function backToWork(deps: Deps, task: Task, reason: string): Task {
  const profile = profileOf(task);
  const isOpen = profile === undefined || profile === task.outgrown;
  return isOpen ? enterPhase(task, { state: "reading" }, reason) : requeue(deps, task, profile, reason);
}
