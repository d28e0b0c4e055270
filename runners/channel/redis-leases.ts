/** A runner's leases of runs, as atomic steps on the run ledger. */
import { randomBytes } from "node:crypto";
import type { Redis } from "ioredis";
import type { RunId, TaskId } from "../../src/domain/ids.ts";
import { Job, type JobResult } from "../../src/protocol/jobs.ts";
import { runKey, runnerRunsKey } from "../../src/protocol/redis-layout.ts";
import { FINISH_RUN, HOLDS_RUN, LEASE_RUN, LOSE_RUN } from "../../src/protocol/run-ledger.ts";

/** A run that this runner has, until it ends. */
export interface Lease {
  readonly job: Job;
  /** True while the run is still this runner's. */
  holds(): Promise<boolean>;
  /** True when the result was taken. */
  finish(result: JobResult): Promise<boolean>;
  /** Gives the run up, so that nobody waits for it; one that was cancelled stays so. */
  lose(reason: string, how: { readonly handedBack: boolean }): Promise<void>;
  /** Takes the run off the list of what this runner has. */
  release(): Promise<void>;
}

/** Leases a run; `undefined` when it is somebody else's, cancelled, or over. */
export async function leaseRun(
  redis: Redis,
  runner: string,
  { run, task }: { readonly run: RunId; readonly task: TaskId },
): Promise<Lease | undefined> {
  const key = runKey(task, run);
  const entry = `${run} ${task}`;
  const token = randomBytes(16).toString("hex");
  const release = async (): Promise<void> => void (await redis.srem(runnerRunsKey(runner), entry));
  const text = await redis.eval(LEASE_RUN, 2, key, runnerRunsKey(runner), runner, token, `${Date.now()}`, entry);
  if (typeof text !== "string") return undefined;
  return {
    job: Job.parse(JSON.parse(text)),
    holds: async () => (await redis.eval(HOLDS_RUN, 1, key, token)) === 1,
    finish: async (result) =>
      (await redis.eval(FINISH_RUN, 1, key, token, JSON.stringify(result), `${Date.now()}`)) === 1,
    lose: async (reason, { handedBack }) =>
      void (await redis.eval(LOSE_RUN, 1, key, runner, reason, handedBack ? "1" : "0")),
    release,
  };
}
