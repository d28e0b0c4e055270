/** Which runners live, and what becomes of the runs of one that does not any more. */
import type { Redis } from "ioredis";
import { z } from "zod";
import { RunId, TaskId } from "../domain/ids.ts";
import { parseJson } from "../lib/parse-json.ts";
import {
  canServe,
  HEARTBEATS_KEY,
  RUNNER_LOST_MS,
  runKey,
  runnerKey,
  runnerRunsKey,
} from "../protocol/redis-layout.ts";
import { LOSE_RUN, RunnerStatus, SILENT_RUNNERS } from "../protocol/run-ledger.ts";

export interface Runners {
  list(): Promise<readonly RunnerStatus[]>;
  /** True when a live runner may take jobs of this label set. */
  anyServes(set: string): Promise<boolean>;
  /** Marks the runs of runners that fell silent as lost and hands their tasks to `wake`. */
  loseSilent(wake: (task: TaskId) => Promise<void>): Promise<void>;
}

/** The register of runners over one Redis connection, which stays the caller's. */
export function createRunners(redis: Redis): Runners {
  async function list(): Promise<readonly RunnerStatus[]> {
    const ids = await redis.zrange(HEARTBEATS_KEY, "0", "-1");
    const texts = ids.length === 0 ? [] : await redis.mget(ids.map(runnerKey));
    // One that says what this bot does not understand (another version) must not hide the others.
    return texts.flatMap((text) => RunnerStatus.safeParse(parseJson(text ?? "")).data ?? []);
  }

  async function lose(runner: string, wake: (task: TaskId) => Promise<void>): Promise<void> {
    for (const entry of await redis.smembers(runnerRunsKey(runner))) {
      const [run = "", task = ""] = entry.split(" ");
      const key = runKey(TaskId.parse(task), RunId.parse(run));
      await redis.eval(LOSE_RUN, 1, key, runner, `runner ${runner} fell silent`, "0");
      await wake(TaskId.parse(task));
      await redis.srem(runnerRunsKey(runner), entry);
    }
    await redis.zrem(HEARTBEATS_KEY, runner);
  }

  return {
    list,
    async anyServes(set) {
      return (await list()).some((runner) => canServe(runner.labels, set));
    },
    async loseSilent(wake) {
      const silent = z
        .array(z.string())
        .parse(await redis.eval(SILENT_RUNNERS, 1, HEARTBEATS_KEY, `${RUNNER_LOST_MS}`));
      for (const runner of silent) await lose(runner, wake);
    },
  };
}
