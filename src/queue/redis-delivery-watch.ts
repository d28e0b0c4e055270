/** Sees test deliveries arrive in the inbox of a bot that runs, beside the bot and without taking anything from it. */
import type { Redis } from "ioredis";
import { z } from "zod";
import type { RepositoryName } from "../domain/ids.ts";
import type { Arrival, DeliveryWatch } from "../ports/delivery-watch.ts";
import { fieldsOfEntry, INBOX_STREAM } from "./redis-inbox.ts";

/** The stream's facts, names and values in turn. */
const Facts = z.array(z.unknown());
const Read = z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.array(z.string()).nullable()]))])).nullable();

/**
 * Watches over a connection that the watch ends.
 *
 * A read that waits is given every entry at the moment it is added, whatever the bot does with it then.
 */
export async function openRedisDeliveryWatch(
  redis: Redis,
  isTestDelivery: (body: string, repository: RepositoryName) => boolean,
): Promise<DeliveryWatch> {
  let last = await lastEntry(redis);

  async function arrival(repository: RepositoryName, withinMs: number): Promise<Arrival> {
    const deadline = performance.now() + withinMs;
    while (true) {
      const left = Math.ceil(deadline - performance.now());
      if (left <= 0) return "nothing";
      const read = Read.parse(await redis.xread("BLOCK", left, "STREAMS", INBOX_STREAM, last));
      for (const [, entries] of read ?? [])
        for (const [id, fields] of entries) {
          last = id;
          if (fields && isTestDelivery(fieldsOfEntry(fields).body, repository)) return "signed";
        }
    }
  }

  return {
    receiver: "bot",
    arrival,
    async close() {
      redis.disconnect();
    },
  };
}

async function lastEntry(redis: Redis): Promise<string> {
  if ((await redis.exists(INBOX_STREAM)) === 0) return "0-0";
  const facts = Facts.parse(await redis.xinfo("STREAM", INBOX_STREAM));
  return z.string().parse(facts[facts.indexOf("last-generated-id") + 1]);
}
