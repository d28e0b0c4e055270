/** The inbox on a Redis stream: one consumer group for all processes, and a capped stream of what was refused. */
import { randomUUID } from "node:crypto";
import type { Redis } from "ioredis";
import { z } from "zod";
import type { Delivery, Inbox, RawDelivery, StoredDelivery } from "../ports/inbox.ts";

/** The stream of deliveries that are not settled. */
export const INBOX_STREAM = "steward:inbox";
const REFUSED_STREAM = "steward:inbox:refused";
const GROUP = "steward";

/** A delivery that was not settled for this long is handed out again: longer than any handler should need. */
const UNSETTLED_MS = 15_000;
/** Refused deliveries that are kept for the operator. */
const REFUSED_KEPT = 1_000;
/** Of a refused body this much is kept: enough to see what it was. */
const REFUSED_BODY_LENGTH = 64 * 1024;
/** How long a fact is remembered. */
const FACT_RETENTION_SECONDS = 86_400;

/** Creating the group again is an error that means nothing; it has no other code to be told from. */
const ENSURE_GROUP = `redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')`;

const Fields = z
  .array(z.string())
  .transform((flat) => Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1]]] : []))))
  .pipe(
    z.object({
      id: z.string(),
      eventType: z.string(),
      body: z.string(),
      receivedAt: z.string().transform(Number),
      reason: z.string().optional(),
    }),
  );
const Entry = z.tuple([z.string(), Fields]);
/** What was deleted while it was pending has no fields. */
const Entries = z.array(z.tuple([z.string(), z.array(z.string()).nullable()]));
const Claimed = z.tuple([z.string(), Entries]).rest(z.unknown());
const Read = z.array(z.tuple([z.string(), Entries])).nullable();
const Pending = z.array(z.tuple([z.string(), z.string(), z.number(), z.number()]));

/** The inbox over two Redis connections, which stay the caller's: waiting for a delivery blocks the second one. */
export function createRedisInbox({
  redis,
  blocking,
  unsettledMs = UNSETTLED_MS,
}: {
  readonly redis: Redis;
  readonly blocking: Redis;
  readonly unsettledMs?: number;
}): Inbox {
  const consumer = randomUUID();
  let cursor = "0-0";

  async function takeUnsettled(count: number): Promise<readonly StoredDelivery[]> {
    const [next, entries] = Claimed.parse(
      await redis.xautoclaim(INBOX_STREAM, GROUP, consumer, unsettledMs, cursor, "COUNT", count),
    );
    cursor = next;
    const first = entries[0]?.[0];
    const last = entries.at(-1)?.[0];
    if (first === undefined || last === undefined) return [];
    const pending = Pending.parse(await redis.xpending(INBOX_STREAM, GROUP, first, last, count, consumer));
    const attempts = new Map(pending.map(([key, , , attempt]) => [key, attempt]));
    return deliveriesFrom(entries, (key) => attempts.get(key) ?? 1);
  }

  async function takeNew(count: number, waitMs: number): Promise<readonly StoredDelivery[]> {
    // BLOCK 0 would wait for ever.
    const read =
      waitMs > 0
        ? blocking.xreadgroup("GROUP", GROUP, consumer, "COUNT", count, "BLOCK", waitMs, "STREAMS", INBOX_STREAM, ">")
        : redis.xreadgroup("GROUP", GROUP, consumer, "COUNT", count, "STREAMS", INBOX_STREAM, ">");
    return (Read.parse(await read) ?? []).flatMap(([, entries]) => deliveriesFrom(entries, () => 1));
  }

  async function settle(key: string): Promise<void> {
    await redis.multi().xack(INBOX_STREAM, GROUP, key).xdel(INBOX_STREAM, key).exec();
  }

  return {
    async append(delivery) {
      gatherWrites(redis);
      await redis.xadd(INBOX_STREAM, "*", ...fieldsFrom(delivery));
    },
    async take(count, waitMs) {
      await redis.eval(ENSURE_GROUP, 1, INBOX_STREAM, GROUP);
      const unsettled = await takeUnsettled(count);
      return unsettled.length > 0 ? unsettled : takeNew(count, waitMs);
    },
    settle,
    async refuse(delivery, reason) {
      const kept = { ...delivery, body: delivery.body.slice(0, REFUSED_BODY_LENGTH) };
      const fields = [...fieldsFrom(kept), "reason", reason];
      await redis.xadd(REFUSED_STREAM, "MAXLEN", "~", REFUSED_KEPT, "*", ...fields);
      await settle(delivery.key);
    },
    async listRefused(count) {
      const entries = z.array(Entry).parse(await redis.xrevrange(REFUSED_STREAM, "+", "-", "COUNT", count));
      return entries.map(([, { reason = "", ...delivery }]) => ({ delivery, reason }));
    },
    async isNewFact(fact) {
      return (await redis.exists(factKey(fact))) === 0;
    },
    async rememberFact(fact) {
      await redis.set(factKey(fact), "1", "EX", FACT_RETENTION_SECONDS);
    },
    size: () => redis.xlen(INBOX_STREAM),
  };
}

/** What is sent until the event loop has heard all of its sockets leaves in one write: each write costs as much as the HMAC. */
function gatherWrites({ stream }: Redis): void {
  // Before the first connection there is none.
  if (!stream || stream.writableCorked > 0) return;
  stream.cork();
  setImmediate(() => stream.uncork());
}

function fieldsFrom({ id, eventType, body, receivedAt }: Delivery | RawDelivery): readonly (string | Buffer)[] {
  return ["id", id, "eventType", eventType, "body", body, "receivedAt", `${receivedAt}`];
}

function deliveriesFrom(entries: z.infer<typeof Entries>, attemptOf: (key: string) => number): StoredDelivery[] {
  return entries.flatMap(([key, fields]) => {
    if (fields === null) return [];
    const { id, eventType, body, receivedAt } = fieldsOfEntry(fields);
    return [{ key, id, eventType, body, receivedAt, attempt: attemptOf(key) }];
  });
}

/** The fields of one of the stream's entries. */
export function fieldsOfEntry(flat: readonly string[]): z.infer<typeof Fields> {
  return Fields.parse(flat);
}

function factKey(fact: string): string {
  return `steward:fact:${fact}`;
}
