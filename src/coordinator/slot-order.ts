/** In which order waiting tasks get a slot: priority, then how much waits behind a task, then age. */
import type { TaskId } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";

/** Tasks that are counted behind one; beyond that it is much. */
const MUCH = 99;
/** Ages are told apart in tenths of a second, so that all three fit into one exact number. */
const AGE_UNIT_MS = 100;
/** More than any two tasks differ in age, in that unit. */
const AGE_RANGE = 10 ** 11;

/** Low goes first. `priority`: 0 is the most urgent. */
export async function slotOrder(deps: Deps, task: Task, priority: number): Promise<number> {
  const behind = await countBehind(deps, task.id);
  return (priority * (MUCH + 1) + MUCH - behind) * AGE_RANGE + Math.floor(task.createdAt / AGE_UNIT_MS);
}

/** What waits for it, and what waits for that. */
async function countBehind(deps: Deps, task: TaskId): Promise<number> {
  const behind = new Set<TaskId>();
  const queue = [task];
  for (const id of queue) {
    for (const waiting of await deps.store.waitingFor(id)) {
      if (waiting === task || behind.has(waiting)) continue;
      if (behind.size >= MUCH) return MUCH;
      behind.add(waiting);
      queue.push(waiting);
    }
  }
  return behind.size;
}
