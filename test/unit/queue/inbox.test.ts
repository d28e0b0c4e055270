/** Both inboxes keep the port's promises. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createMemoryInbox } from "../../../src/queue/memory-inbox.ts";
import { createRedisInbox } from "../../../src/queue/redis-inbox.ts";
import { describeInbox } from "../../contract/inbox.ts";
import { rawDelivery } from "../../support/raw-delivery.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

describe("the inbox in memory", () => {
  describeInbox(async (options) => createMemoryInbox(options));
});

describe("the inbox on Redis", () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  beforeEach(() => redis.connect().flushall());

  const open = (unsettledMs: number) =>
    createRedisInbox({ redis: redis.connect(), blocking: redis.connect(), unsettledMs });
  describeInbox(async ({ unsettledMs }) => open(unsettledMs));

  const one = { id: "one", eventType: "issues", body: "{}", receivedAt: 1 };

  test("hands a dead process's delivery to another", async () => {
    const dead = open(50);
    await dead.append(rawDelivery(one));
    await dead.take(1, 0);
    const heir = open(50);
    await expect.poll(() => heir.take(1, 0)).toMatchObject([{ id: "one", attempt: 2 }]);
  });

  test("shares the work of one stream between processes", async () => {
    const [a, b] = [open(10_000), open(10_000)];
    await a.append(rawDelivery(one));
    await a.append(rawDelivery({ ...one, id: "two" }));
    const taken = [...(await a.take(1, 0)), ...(await b.take(10, 0))];
    expect(taken.map(({ id }) => id)).toEqual(["one", "two"]);
  });

  test("goes on after Redis was emptied", async () => {
    const inbox = open(10_000);
    await inbox.append(rawDelivery(one));
    await inbox.take(1, 0);
    await redis.connect().flushall();
    await inbox.append(rawDelivery({ ...one, id: "after" }));
    expect(await inbox.take(10, 0)).toMatchObject([{ id: "after" }]);
  });
});
