/** What a Redis says about itself. */
import { Redis, ReplyError } from "ioredis";
import { UserError } from "../domain/errors.ts";

/** A Redis that does not answer within this is not there. */
const CONNECT_TIMEOUT_MS = 3_000;
/** The client waits this long for a connection to close even when the server has closed it before. */
const DISCONNECT_MS = 50;

export interface RedisFacts {
  /** Of the protocol it speaks: forks tell the Redis they are compatible with. */
  readonly version: string;
  readonly appendOnly: boolean;
  /** What it does when its memory is full. */
  readonly memoryPolicy: string;
}

/** Asks; `undefined` where nothing answers. A refusal (a wrong password) is a `UserError`. */
export async function readRedisFacts(target: string): Promise<RedisFacts | undefined> {
  const redis = connectOnce(target);
  // A refusal at the start is only told here; whoever waits hears that the connection was closed.
  const heard: unknown[] = [];
  redis.on("error", (error) => heard.push(error));
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
    const refusal = [...heard, error].find((found) => found instanceof ReplyError);
    if (!refusal) return undefined;
    const way = "give REDIS_URL a user and password that may use it.";
    throw new UserError("REDIS_UNREACHABLE", `it answers, and refuses to be used: ${way}`, { cause: refusal });
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
    disconnectTimeout: DISCONNECT_MS,
  });
  // Whoever asked sees the failure as the call's rejection.
  redis.on("error", () => undefined);
  return redis;
}
