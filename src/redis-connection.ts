/** Redis connections of this process, from a URL or a unix socket. */
import { Redis } from "ioredis";
import type { Logger } from "pino";

/** Longest pause between two tries to reach a Redis that is gone. */
const RECONNECT_MS = 1_000;
const RECONNECT_STEP_MS = 50;

/** A maker of connections that wait for a Redis that is gone instead of failing, and say so once. */
export function createConnect(target: string, log: Logger): () => Redis {
  return () => {
    const redis = new Redis(target, {
      maxRetriesPerRequest: null,
      retryStrategy: (times) => Math.min(RECONNECT_MS, times * RECONNECT_STEP_MS),
    });
    let reachable = true;
    redis.on("error", (error) => {
      if (reachable) log.warn({ err: error, outcome: "retrying" }, "redis is not reachable");
      reachable = false;
    });
    redis.on("ready", () => {
      if (!reachable) log.info("redis is reachable again");
      reachable = true;
    });
    return redis;
  };
}
