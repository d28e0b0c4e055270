/**
 * The one place that decides what becomes of an advance that failed: a person is asked where only a person can help; else it
 * is tried again, ever later, and never forgotten.
 */
import { ParkError, RetryableError } from "../domain/errors.ts";
import type { TaskId } from "../domain/ids.ts";
import { advanceTask } from "./advance-task.ts";
import type { Deps } from "./deps.ts";
import { parkRefused } from "./park-refused.ts";

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;
/** For what no waiting mends. */
const LONGEST_REFUSED_PAUSE_MS = 15 * 60_000;
/** A refusal may be a race with a person's deed: only the next one in a row is believed. */
const BELIEVED_REFUSALS = 2;

/** An advance that never throws. `failures` counts per task in this process; a success forgets them. */
export function createSafeAdvance(deps: Deps): (task: TaskId) => Promise<void> {
  const failures = new Map<TaskId, number>();

  async function park(task: TaskId, error: unknown, count: number): Promise<boolean> {
    if (!(error instanceof ParkError) || count < BELIEVED_REFUSALS) return false;
    return parkRefused(deps, task, error).catch((err: unknown) => {
      deps.log.warn({ err, task, outcome: "refused" }, "a refusal could not be told on the issue");
      return false;
    });
  }

  async function tryAgain(task: TaskId, error: unknown, count: number): Promise<void> {
    const longest = error instanceof ParkError ? LONGEST_REFUSED_PAUSE_MS : LONGEST_PAUSE_MS;
    const asked = error instanceof RetryableError ? error.retryAfterMs : undefined;
    const pauseMs = asked ?? Math.min(longest, FIRST_PAUSE_MS * 2 ** (count - 1));
    const level = error instanceof RetryableError || error instanceof ParkError ? "warn" : "error";
    deps.log[level]({ err: error, task, outcome: "retrying", pauseMs }, "advance failed");
    await deps.queue.requestAdvanceAt(task, deps.clock.now() + pauseMs);
  }

  return async (task) => {
    try {
      await advanceTask(deps, task);
      failures.delete(task);
    } catch (error) {
      const count = (failures.get(task) ?? 0) + 1;
      const isParked = await park(task, error, count);
      if (isParked) failures.delete(task);
      else failures.set(task, count);
      if (!isParked) await tryAgain(task, error, count);
    }
  };
}
