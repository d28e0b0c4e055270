/** Both task stores keep the same contract. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Task } from "../../../src/domain/task.ts";
import type { TaskStore } from "../../../src/ports/task-store.ts";
import { documentKey, editsKey } from "../../../src/protocol/redis-layout.ts";
import { createMemoryTaskStore } from "../../../src/queue/memory-task-store.ts";
import { createRedisTaskStore } from "../../../src/queue/redis-task-store.ts";
import { testTaskStore } from "../../contract/task-store.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { taskWith } from "../../support/sample-task.ts";
import { silentLog } from "../../support/silent-log.ts";

async function written(store: TaskStore): Promise<Task> {
  const task = await store.write({ ...taskWith(), version: 0 });
  if (!task) throw new Error("the first write must succeed");
  return task;
}

describe("in memory", () => {
  testTaskStore(createMemoryTaskStore);
});

describe("in Redis", () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis();
  });
  afterEach(() => redis.stop());
  testTaskStore(() => createRedisTaskStore(redis.connect(), silentLog));

  test("what is no document or no announced edit is skipped", async () => {
    const client = redis.connect();
    const store = createRedisTaskStore(redis.connect(), silentLog);
    const { id } = await written(store);
    await client.hset(documentKey(id), "text", "{ cut off");
    await client.hset(editsKey(id), "odd", "{ cut off");
    expect(await store.read(id)).toBeUndefined();
    expect(await client.exists(documentKey(id))).toBe(0);
    expect(await store.listEdits(id)).toEqual([]);
  });

  test("a document that was lost and made anew shares no version with the lost one", async () => {
    const store = createRedisTaskStore(redis.connect(), silentLog);
    const document = { ...taskWith(), version: 0 };
    const lost = await written(store);
    await redis.connect().flushall();
    await store.write(document);
    expect(await store.write({ ...lost, reason: "of the lost one" })).toBeUndefined();
  });
});
