/** Finds a cycle of blockers, of any length, through one task. */
import type { TaskId } from "../domain/ids.ts";

/**
 * The shortest way from `start` along its blockers back to `start`, as `[start, …, start]`; `undefined` when there is none.
 * Breadth first, each task looked at once, so a graph of any size and shape ends.
 */
export function findCycle(
  start: TaskId,
  blockedBy: (task: TaskId) => readonly TaskId[],
): readonly TaskId[] | undefined {
  const waiter = new Map<TaskId, TaskId>();
  const queue: TaskId[] = [start];
  for (const task of queue) {
    for (const blocker of blockedBy(task)) {
      if (blocker === start) return [...pathFrom(task, waiter), start];
      if (waiter.has(blocker)) continue;
      waiter.set(blocker, task);
      queue.push(blocker);
    }
  }
  return undefined;
}

function pathFrom(last: TaskId, waiter: ReadonlyMap<TaskId, TaskId>): readonly TaskId[] {
  const path: TaskId[] = [];
  for (let task: TaskId | undefined = last; task !== undefined; task = waiter.get(task)) path.push(task);
  return path.reverse();
}
