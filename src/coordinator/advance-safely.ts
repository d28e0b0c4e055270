/** The one place that decides what becomes of an advance that failed: it is tried again, ever later, and never forgotten. */
import { RetryableError } from "../domain/errors.ts";
import type { TaskId } from "../domain/ids.ts";
import { advanceTask } from "./advance-task.ts";
import type { Deps } from "./deps.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/** An advance that never throws. `failures` counts per task in this process; a success forgets them. */
export function createSafeAdvance(deps: Deps): (task: TaskId) => Promise<void> {
  const failures = new Map<TaskId, number>();

  return async (task) => {
    try {
      await advanceTask(deps, task);
      failures.delete(task);
    } catch (error) {
      const count = (failures.get(task) ?? 0) + 1;
      failures.set(task, count);
      const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (count - 1));
      const asked = error instanceof RetryableError ? error.retryAfterMs : undefined;
      const level = error instanceof RetryableError ? "warn" : "error";
      deps.log[level]({ err: error, task, outcome: "retrying", pauseMs: asked ?? pause }, "advance failed");
      await deps.queue.requestAdvanceAt(task, deps.clock.now() + (asked ?? pause));
    }
  };
}
