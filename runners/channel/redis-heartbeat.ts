/** Tells the bot that this runner lives, and this runner when the bot must take it for dead. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import {
  HEARTBEAT_INTERVAL_MS,
  HEARTBEATS_KEY,
  RUNNER_FENCE_MS,
  RUNNER_LOST_MS,
  runnerKey,
} from "../../src/protocol/redis-layout.ts";
import { BEAT, type RunnerStatus } from "../../src/protocol/run-ledger.ts";

/** What a heartbeat needs. */
export interface HeartbeatOptions {
  readonly redis: Redis;
  readonly status: () => RunnerStatus;
  /** What runs is somebody else's by now: Redis was emptied, does not answer, or the bot gave this runner up. */
  readonly onFenced: () => void;
  /** After each beat that was heard. */
  readonly onBeat: () => Promise<void>;
}

/** Beats until it is stopped. */
export interface Heartbeat {
  /** Resolves after the first beat. */
  start(): Promise<void>;
  /** Signs the runner off. */
  stop(): Promise<void>;
}

/** The heartbeat of one runner. */
export function createHeartbeat({ redis, status, onFenced, onBeat }: HeartbeatOptions): Heartbeat {
  const stopping = new AbortController();
  let registered = false;
  let heardAt = 0;
  let beating: Promise<void> = Promise.resolve();

  async function beat(): Promise<void> {
    const about = status();
    const keys = [HEARTBEATS_KEY, runnerKey(about.id)];
    const known = await redis.eval(BEAT, 2, ...keys, about.id, JSON.stringify(about), `${2 * RUNNER_LOST_MS}`);
    if (registered && known !== 1) onFenced();
    registered = true;
    heardAt = performance.now();
    await onBeat();
  }

  async function beatUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(HEARTBEAT_INTERVAL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      const heard = beat().then(
        () => true,
        () => false,
      );
      const inTime = await Promise.race([heard, sleep(HEARTBEAT_INTERVAL_MS, false)]);
      if (!inTime && performance.now() - heardAt > RUNNER_FENCE_MS) onFenced();
    }
  }

  return {
    async start() {
      await beat();
      beating = beatUntilStopped();
    },
    async stop() {
      stopping.abort();
      await beating;
      await redis.zrem(HEARTBEATS_KEY, status().id);
    },
  };
}
