/** `steward runner` as a process of its own: what its command line says, what it need not be given, and how it is drained. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { systemClock } from "../../../src/lib/clock.ts";
import { createRedisTaskQueue, type RedisTaskQueue } from "../../../src/queue/redis-task-queue.ts";
import { openStage, type Stage, script } from "../../faults/fault-world.ts";
import type { Program } from "../../support/program.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { runSteward } from "../../support/run-steward.ts";
import { silentLog } from "../../support/silent-log.ts";

const LIMIT = { timeout: 120_000 };

let stage: Stage;
let redis: TestRedis;
let queue: RedisTaskQueue;
let runner: Program;

beforeEach(async () => {
  stage = await openStage({ seed: 1, cast: [] });
  redis = await startRedis();
  queue = createRedisTaskQueue(redis.connect(), systemClock, silentLog);
  const words = ["runner", "--labels", "linux,node", "--slots", "3"];
  const { GITEA_WEBHOOK_SECRET: _, ...environment } = stage.environment;
  const main = script("../../src/main.ts");
  runner = stage.program("runner", [...main, ...words], { ...environment, REDIS_URL: redis.url });
});

afterEach(async () => {
  await runner.kill();
  await queue.close();
  await redis.stop();
  await stage.gitea.kill();
  await stage.clear();
});

test("it has the labels and slots of its command line, and needs no secret of webhooks", LIMIT, async () => {
  runner.start();
  await vi.waitFor(
    async () => expect(await queue.listRunners()).toMatchObject([{ labels: ["linux", "node"], slots: 3 }]),
    LIMIT,
  );
});

test("a wrong word on the command line is told in a sentence", LIMIT, async () => {
  const words = ["runner", "--labels", "linux,a b", "--slots", "none"];
  const { code, errors } = await runSteward(words, stage.folder, stage.environment);
  expect({ code, errors }).toEqual({
    code: 1,
    errors: "--labels has characters that it may not have. --slots must be a number.\n",
  });
});

test("SIGUSR2 ends one that has nothing to do, in order and for good", LIMIT, async () => {
  runner.start();
  await vi.waitFor(async () => expect(await queue.listRunners()).toHaveLength(1), LIMIT);
  runner.signal("SIGUSR2");
  await vi.waitFor(() => expect(runner.isRunning).toBe(false), LIMIT);
  expect(runner.words()).toContain('"msg":"runner stopped"');
  expect(await queue.listRunners()).toEqual([]);
});
