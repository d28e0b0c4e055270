/** Both task stores keep the same contract. */
import { afterEach, beforeEach, describe } from "vitest";
import { createMemoryTaskStore } from "../../../src/queue/memory-task-store.ts";
import { createRedisTaskStore } from "../../../src/queue/redis-task-store.ts";
import { testTaskStore } from "../../contract/task-store.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

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
});
