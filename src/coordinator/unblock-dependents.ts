/** Wakes what waited for an issue. */
import type { TaskId } from "../domain/ids.ts";
import type { Deps } from "./deps.ts";

/** Every task that waits for this issue looks again whether it may begin. */
export async function wakeDependents(deps: Deps, issue: TaskId): Promise<void> {
  for (const task of await deps.store.waitingFor(issue)) await deps.queue.requestAdvance(task);
}
