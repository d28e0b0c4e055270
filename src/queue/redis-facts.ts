/** What a Redis says about itself. */
import { Redis } from "ioredis";

/** A Redis that does not answer within this is not there. */
const CONNECT_TIMEOUT_MS = 3_000;

export interface RedisFacts {
  /** Of the protocol it speaks: forks tell the Redis they are compatible with. */
  readonly version: string;
  readonly appendOnly: boolean;
  /** What it does when its memory is full. */
  readonly memoryPolicy: string;
}

/** Asks; `undefined` where nothing answers. A refusal (a wrong password) rejects. */
export async function readRedisFacts(target: string): Promise<RedisFacts | undefined> {
  const redis = connectOnce(target);
  try {
    await redis.connect();
    const info = await redis.info();
    const fact = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, "m").exec(info)?.[1] ?? "";
    return {
      version: fact("redis_version"),
      appendOnly: fact("aof_enabled") === "1",
      memoryPolicy: fact("maxmemory_policy"),
    };
  } catch (error) {
    if (error instanceof Error && error.name === "ReplyError") throw error;
    return undefined;
  } finally {
    redis.disconnect();
  }
}

/** A connection that is not tried again when it fails. */
export function connectOnce(target: string): Redis {
  const redis = new Redis(target, {
    lazyConnect: true,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  // Whoever asked sees the failure as the call's rejection.
  redis.on("error", () => undefined);
  return redis;
}
