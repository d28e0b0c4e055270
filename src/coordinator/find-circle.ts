/** Finds the circle that a blocked task waits in, over the tasks that Steward knows. */
import { findCycle } from "../dependencies/find-cycle.ts";
import type { TaskId } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";

/** Tasks that one search reads; longer chains than this nobody writes. */
const LARGEST_GRAPH = 200;

/** `[task, …, task]` when its blockers lead back to it; `undefined` otherwise. */
export async function findCircle(deps: Deps, task: Task): Promise<readonly TaskId[] | undefined> {
  const graph = new Map<TaskId, readonly TaskId[]>([[task.id, task.blockedBy]]);
  const queue = [...task.blockedBy];
  for (const id of queue) {
    if (graph.has(id) || graph.size >= LARGEST_GRAPH) continue;
    const known = await deps.store.read(id);
    const waitsFor = known?.phase.state === "blocked" ? known.blockedBy : [];
    graph.set(id, waitsFor);
    queue.push(...waitsFor);
  }
  return findCycle(task.id, (id) => graph.get(id) ?? []);
}
