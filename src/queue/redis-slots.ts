/** Slots of agent profiles: global over all processes, given out in the order of priority. */
import type { Redis } from "ioredis";
import { TaskId } from "../domain/ids.ts";

const SLOT_OF_KEY = "steward:slot-of";

/** KEYS held, waiting; ARGV task, limit, priority. 1 when the task has a slot now. */
const TAKE = `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 1 end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local free = ARGV[2] - redis.call('ZCARD', KEYS[1])
if redis.call('ZRANK', KEYS[2], ARGV[1]) >= free then return 0 end
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[1])
return 1`;

export interface Slots {
  /** Whether the task holds a slot now; `next` may be first in the line that the task left for it. */
  take(
    profile: string,
    limit: number,
    task: TaskId,
    priority: number,
  ): Promise<{ readonly taken: boolean; readonly next?: TaskId | undefined }>;
  /** Gives the slot back, or the place in the line; returns who may be next. */
  release(task: TaskId): Promise<TaskId | undefined>;
  position(profile: string, task: TaskId): Promise<number>;
}

function heldKey(profile: string): string {
  return `steward:{slots:${profile}}:held`;
}

function waitingKey(profile: string): string {
  return `steward:{slots:${profile}}:waiting`;
}

/** Slots over one Redis connection, which stays the caller's. */
export function createSlots(redis: Redis): Slots {
  async function leave(profile: string, task: TaskId): Promise<TaskId | undefined> {
    await redis.zrem(heldKey(profile), task);
    await redis.zrem(waitingKey(profile), task);
    const [next] = await redis.zrange(waitingKey(profile), "0", "0");
    return next === undefined ? undefined : TaskId.parse(next);
  }

  return {
    async take(profile, limit, task, priority) {
      const before = await redis.hget(SLOT_OF_KEY, task);
      const next = before !== null && before !== profile ? await leave(before, task) : undefined;
      await redis.hset(SLOT_OF_KEY, task, profile);
      const taken = await redis.eval(
        TAKE,
        2,
        heldKey(profile),
        waitingKey(profile),
        task,
        String(limit),
        String(priority),
      );
      return { taken: taken === 1, next };
    },

    async release(task) {
      const profile = await redis.hget(SLOT_OF_KEY, task);
      if (profile === null) return undefined;
      const next = await leave(profile, task);
      await redis.hdel(SLOT_OF_KEY, task);
      return next;
    },

    async position(profile, task) {
      return (await redis.zrank(waitingKey(profile), task)) ?? 0;
    },
  };
}
