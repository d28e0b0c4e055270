/**
 * Advances, timers, runs and slots: everything that is asked of somebody for later.
 *
 * - An advance is requested by task; requests for a task that waits or runs melt into one more run. At most one advance of a
 *   task runs at a time in all processes. Requests may be lost with Redis: reconciliation asks again.
 * - A run is one execution of a job by one runner. `startRun` with a known run id does nothing, nor when the task's document
 *   is not of `version` any more: an advance that was overtaken starts nothing. A run that its runner lost is reported as
 *   lost once and never comes back under the same id. Results stay readable for a week.
 * - A slot is held by a task for one profile until released; `takeSlot` for a task that has one renews it.
 */
import type { RunId, TaskId } from "../domain/ids.ts";
import type { Job, JobResult } from "../protocol/jobs.ts";

/** How a run stands. */
export type RunState =
  /** Nobody knows it: never started, or Redis was emptied. */
  | { readonly state: "unknown" }
  | { readonly state: "waiting"; readonly unmatched: boolean }
  | { readonly state: "running"; readonly runner: string; readonly startedAt: number }
  | { readonly state: "finished"; readonly result: JobResult; readonly finishedAt: number }
  /** `handedBack`: its runner ended in order, and nothing went wrong. */
  | { readonly state: "lost"; readonly reason: string; readonly handedBack: boolean }
  | { readonly state: "cancelled" };

export interface TaskQueue {
  requestAdvance(task: TaskId): Promise<void>;
  requestAdvanceAt(task: TaskId, at: number): Promise<void>;
  /** `version`: of the document that asks for the run, as a fencing token (0: none is stored). */
  startRun(job: Job, version: number): Promise<void>;
  readRun(task: TaskId, run: RunId): Promise<RunState>;
  /** Recorded at once; a run that waits never starts, one that runs is killed. Cancelling what is over does nothing. */
  cancelRun(task: TaskId, run: RunId): Promise<void>;
  /** True when the task holds one of the profile's `limit` slots now. Slots go to waiting tasks in the order of `priority`, low first. */
  takeSlot(
    profile: string,
    limit: number,
    request: { readonly task: TaskId; readonly priority: number },
  ): Promise<boolean>;
  /** Gives back whatever slot the task holds and takes it off the waiting list; wakes the next in line. */
  releaseSlot(task: TaskId): Promise<void>;
  /** How many wait in front of the task for this profile. */
  slotPosition(profile: string, task: TaskId): Promise<number>;
}
