/** Results of gates that are kept over runs and runners, in Redis. */
import type { Redis } from "ioredis";
import { GateResult } from "../../src/domain/verdict.ts";
import { parseJson } from "../../src/lib/parse-json.ts";
import { keptResultKey } from "../../src/protocol/redis-layout.ts";
import type { KeptResults } from "../jobs/kept-results.ts";

/** A result that nobody asked for in this time is forgotten. */
const RETENTION_SECONDS = 30 * 86_400;

/** Kept results over one Redis connection, which stays the caller's. */
export function createRedisKeptResults(redis: Redis): KeptResults {
  return {
    async read(key) {
      const text = await redis.getex(keptResultKey(key), "EX", RETENTION_SECONDS);
      return text === null ? undefined : GateResult.safeParse(parseJson(text)).data;
    },
    async keep(key, result) {
      await redis.set(keptResultKey(key), JSON.stringify(result), "EX", RETENTION_SECONDS);
    },
  };
}
