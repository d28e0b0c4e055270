/** What a job gets while it runs: its orders, a way to be stopped, and a log. */
import type { Job, JobResult } from "../../src/protocol/jobs.ts";

/** Why a run is stopped from outside. After `cancelled` and `fenced` nothing is reported any more. */
export type StopReason = "cancelled" | "fenced" | "shutdown";

export interface RunContext<J extends Job = Job> {
  readonly job: J;
  /** Aborted with a `StopReason` as its reason. */
  readonly signal: AbortSignal;
  /** Appends to the run's log: bounded, masked and streamed to the bot. */
  log(chunk: Buffer | string): void;
  /** Asks whether this run is still the current one; asked again right before anything that others see, such as a push. */
  isCurrent(): Promise<boolean>;
}

/** Executes one kind of job. Failures of ours are part of the result; it rejects only when it was stopped. */
export type ExecuteJob<J extends Job, R extends JobResult> = (context: RunContext<J>) => Promise<R>;
