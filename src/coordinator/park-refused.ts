/** Parks a task for which the forge refuses something that only a person can allow. */
import type { ParkError } from "../domain/errors.ts";
import type { TaskId } from "../domain/ids.ts";
import { isOpen, type Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";
import { parkTask } from "./park-task.ts";
import { publishNotice } from "./publish-task.ts";
import { requeue } from "./requeue.ts";

/**
 * True when the issue says so and the task waits. The comment comes first, against the usual order: where it is refused too (an
 * archived repository), nobody would learn what a parked task waits for, so it is not parked and goes on by itself later.
 */
export async function parkRefused(deps: Deps, id: TaskId, error: ParkError): Promise<boolean> {
  const task = await deps.store.read(id);
  if (!task || !isOpen(task)) return false;
  if (task.phase.state === "parked" && task.phase.code === "forge-refused") return false;
  // What was judged may never have been shown, so it is judged anew.
  const isJudged = task.phase.state === "verifying" || task.phase.state === "review";
  const parked = parkTask(deps, { ...task, recheck: task.recheck || isJudged }, "forge-refused", error.message);
  try {
    for (const notice of parked.notices.slice(task.notices.length)) await publishNotice(deps, parked, notice);
  } catch (refusal) {
    await letOthersBegin(deps, task);
    throw refusal;
  }
  const stored = await deps.store.write({ ...parked, unpublished: true, updatedAt: deps.clock.now() });
  deps.log.warn({ err: error, task: id, outcome: "refused" }, "task parked");
  await deps.queue.requestAdvance(id);
  return stored !== undefined;
}

/** A task for which nothing can be told holds no slot either, unless a session of it has begun. */
async function letOthersBegin(deps: Deps, task: Task): Promise<void> {
  if (task.phase.state === "queued") return deps.queue.releaseSlot(task.id);
  if (task.phase.state !== "working") return;
  const { profile, run } = task.phase.session;
  const { state } = await deps.queue.readRun(task.id, run);
  if (deps.profiles[profile]?.driver !== "command" || state !== "unknown") return;
  const waiting = requeue(deps, task, profile, "that a session begins could not be told here");
  const stored = await deps.store.write({ ...waiting, unpublished: true, updatedAt: deps.clock.now() });
  if (stored) await deps.queue.releaseSlot(task.id);
}
