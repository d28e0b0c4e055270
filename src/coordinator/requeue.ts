/** Puts a task back into the queue of one profile. */
import { enterPhase, type Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";

/** The task waiting for a slot of `profile`, with what its next session is told. */
export function requeue(deps: Deps, task: Task, profile: string, instruction: string, reason: string): Task {
  return enterPhase(task, { state: "queued", profile, instruction, since: deps.clock.now() }, reason);
}
