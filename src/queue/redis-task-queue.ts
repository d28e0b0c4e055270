/** The task queue port on Redis: advances, timers, runs and slots put together. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { TaskId } from "../domain/ids.ts";
import type { Clock } from "../lib/clock.ts";
import type { TaskQueue } from "../ports/task-queue.ts";
import type { RunnerStatus } from "../protocol/run-ledger.ts";
import { createAdvances } from "./bullmq-advances.ts";
import { createRuns } from "./bullmq-runs.ts";
import { createRunners } from "./redis-runners.ts";
import { createSlots } from "./redis-slots.ts";
import { createTimers } from "./redis-timers.ts";

/** How often timers are drained and silent runners looked for. */
const TICK_MS = 250;

export interface RedisTaskQueue extends TaskQueue {
  listRunners(): Promise<readonly RunnerStatus[]>;
  /** Starts to work on advances, timers and lost runners. */
  work(advance: (task: TaskId) => Promise<void>): void;
  /** Ends after what is under way; the connection stays the caller's. */
  close(): Promise<void>;
}

/** The task queue over one Redis connection, which stays the caller's. */
export function createRedisTaskQueue(redis: Redis, clock: Clock, log: Logger): RedisTaskQueue {
  const advances = createAdvances(redis, log);
  const runners = createRunners(redis);
  const runs = createRuns(redis, runners, log);
  const slots = createSlots(redis);
  const timers = createTimers(redis);
  const stopping = new AbortController();
  let ticking = Promise.resolve();

  async function tick(): Promise<void> {
    try {
      await timers.drain(clock.now(), advances.request);
      await runners.loseSilent(advances.request);
    } catch (error) {
      log.warn({ err: error }, "timers: redis failed, trying again");
    }
  }

  async function tickUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await tick();
      await sleep(TICK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  return {
    requestAdvance: advances.request,
    requestAdvanceAt: timers.set,
    startRun: runs.start,
    readRun: runs.read,
    cancelRun: runs.cancel,
    async takeSlot(profile, limit, request) {
      const { taken, next } = await slots.take(profile, limit, request.task, request.priority);
      if (next !== undefined) await advances.request(next);
      return taken;
    },
    async releaseSlot(task) {
      const next = await slots.release(task);
      if (next !== undefined) await advances.request(next);
    },
    slotPosition: slots.position,
    listRunners: runners.list,
    work(advance) {
      advances.work(advance);
      ticking = tickUntilStopped();
    },
    async close() {
      stopping.abort();
      await ticking;
      await advances.close();
      await runs.close();
    },
  };
}
