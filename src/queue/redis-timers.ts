/** Wishes for an advance at a later time: one sorted set that every bot process drains. */
import type { Redis } from "ioredis";
import { TaskId } from "../domain/ids.ts";

const TIMERS_KEY = "steward:timers";
/** Timers that one drain hands over. */
const BATCH = 200;

/** KEYS timers; ARGV task, time. Removes the timer unless it was set anew meanwhile. */
const REMOVE_IF_SAME = `
if redis.call('ZSCORE', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0`;

export interface Timers {
  /** Keeps the earlier time when the task has one already. */
  set(task: TaskId, at: number): Promise<void>;
  /** Hands every task that is due to `wake`, and forgets it afterwards. */
  drain(now: number, wake: (task: TaskId) => Promise<void>): Promise<void>;
}

/** Timers over one Redis connection, which stays the caller's. */
export function createTimers(redis: Redis): Timers {
  return {
    async set(task, at) {
      await redis.zadd(TIMERS_KEY, "LT", Math.ceil(at), task);
    },
    async drain(now, wake) {
      const due = await redis.zrangebyscore(TIMERS_KEY, "-inf", now, "WITHSCORES", "LIMIT", 0, BATCH);
      for (let index = 0; index + 1 < due.length; index += 2) {
        const [task = "", time = ""] = due.slice(index, index + 2);
        await wake(TaskId.parse(task));
        await redis.eval(REMOVE_IF_SAME, 1, TIMERS_KEY, task, time);
      }
    },
  };
}
