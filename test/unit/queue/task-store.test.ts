/** Both task stores keep the same contract. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createMemoryTaskStore } from "../../../src/queue/memory-task-store.ts";
import { createRedisTaskStore } from "../../../src/queue/redis-task-store.ts";
import { testTaskStore } from "../../contract/task-store.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { taskWith } from "../../support/sample-task.ts";

describe("in memory", () => {
  testTaskStore(createMemoryTaskStore);
});

describe("in Redis", () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());
  testTaskStore(() => createRedisTaskStore(redis.connect()));

  test("a document that was lost and made anew shares no version with the lost one", async () => {
    const store = createRedisTaskStore(redis.connect());
    const document = { ...taskWith(), version: 0 };
    const lost = await store.write(document);
    await redis.connect().flushall();
    await store.write(document);
    if (!lost) throw new Error("the first write must succeed");
    expect(await store.write({ ...lost, reason: "of the lost one" })).toBeUndefined();
  });
});
