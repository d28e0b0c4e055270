/** Advances, timers and slots on a real Redis. */
import { Worker } from "bullmq";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { TaskId } from "../../../src/domain/ids.ts";
import { ADVANCE_QUEUE, QUEUE_PREFIX } from "../../../src/protocol/redis-layout.ts";
import { createRedisTaskQueue, type RedisTaskQueue } from "../../../src/queue/redis-task-queue.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";

const log = pino({ level: "silent" });
const tasks = [1, 2, 3].map((n) => TaskId.parse(`acme/widgets#${n}`));
const [first = tasks[0], second = tasks[0], third = tasks[0]] = tasks;
if (!first || !second || !third) throw new Error("three tasks are needed");

let redis: TestRedis;
let queues: RedisTaskQueue[];
let now: number;

beforeEach(async () => {
  redis = await startRedis();
  queues = [];
  now = 1_000;
});

afterEach(async () => {
  await Promise.all(queues.map((queue) => queue.close()));
  await redis.stop();
});

function newQueue(): RedisTaskQueue {
  const queue = createRedisTaskQueue(redis.connect(), { now: () => now }, log);
  queues.push(queue);
  return queue;
}

test("at most one advance of a task runs at a time in all processes, and the newest request is kept", async () => {
  let running = 0;
  let most = 0;
  let advances = 0;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const advance = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    advances += 1;
    if (advances === 1) await held;
    running -= 1;
  };
  const [one, two] = [newQueue(), newQueue()];
  one.work(advance);
  two.work(advance);
  await one.requestAdvance(first);
  await vi.waitFor(() => expect(running).toBe(1));
  await Promise.all(Array.from({ length: 10 }, () => two.requestAdvance(first)));
  release();
  await vi.waitFor(() => expect(advances).toBe(2));
  expect(most).toBe(1);
});

test("an advance whose process died is taken over though the clock of Redis was set back by an hour", async () => {
  const connection = redis.connect();
  const dying = new Worker(ADVANCE_QUEUE, () => new Promise(() => undefined), { connection, prefix: QUEUE_PREFIX });
  const queue = newQueue();
  await queue.requestAdvance(first);
  const active = `${QUEUE_PREFIX}:${ADVANCE_QUEUE}:active`;
  const [job] = await vi.waitUntil(async () => {
    const jobs = await connection.lrange(active, 0, -1);
    return jobs.length > 0 && jobs;
  });
  await dying.close(true);
  // What was locked for seconds before ends an hour later.
  const hour = ["PX", 3_600_000] as const;
  await connection.set(`${QUEUE_PREFIX}:${ADVANCE_QUEUE}:${job}:lock`, "of the dead", ...hour);
  await connection.set(`${QUEUE_PREFIX}:${ADVANCE_QUEUE}:stalled-check`, "1", ...hour);
  const seen: TaskId[] = [];
  queue.work(async (task) => void seen.push(task));
  await vi.waitFor(() => expect(seen).toEqual([first]), { timeout: 50_000 });
});

test("different tasks advance at the same time", async () => {
  const seen = new Set<TaskId>();
  const queue = newQueue();
  queue.work(async (task) => {
    seen.add(task);
    await vi.waitFor(() => expect(seen.size).toBe(2));
  });
  await Promise.all([queue.requestAdvance(first), queue.requestAdvance(second)]);
  await vi.waitFor(() => expect(seen.size).toBe(2));
});

test("a timer asks for an advance when its time has come, the earlier of two counts", async () => {
  const seen: TaskId[] = [];
  const queue = newQueue();
  queue.work(async (task) => void seen.push(task));
  await queue.requestAdvanceAt(first, 5_000);
  await queue.requestAdvanceAt(first, 9_000);
  await queue.requestAdvanceAt(second, 4_000);
  now = 4_500;
  await vi.waitFor(() => expect(seen).toEqual([second]));
  now = 5_500;
  await vi.waitFor(() => expect(seen).toEqual([second, first]));
});

test("slots are given out in the order of priority, and the next in line is woken", async () => {
  const seen: TaskId[] = [];
  const queue = newQueue();
  queue.work(async (task) => void seen.push(task));
  expect(await queue.takeSlot("sonnet", 1, { task: first, priority: 1 })).toBe(true);
  expect(await queue.takeSlot("sonnet", 1, { task: first, priority: 1 })).toBe(true);
  expect(await queue.takeSlot("sonnet", 1, { task: third, priority: 3 })).toBe(false);
  expect(await queue.takeSlot("sonnet", 1, { task: second, priority: 2 })).toBe(false);
  expect(await queue.slotPosition("sonnet", third)).toBe(1);
  await queue.releaseSlot(first);
  await vi.waitFor(() => expect(seen).toEqual([second]));
  expect(await queue.takeSlot("sonnet", 1, { task: third, priority: 3 })).toBe(false);
  expect(await queue.takeSlot("sonnet", 1, { task: second, priority: 2 })).toBe(true);
});

test("a task that changes its profile leaves the slot of the one before", async () => {
  const queue = newQueue();
  expect(await queue.takeSlot("haiku", 1, { task: first, priority: 1 })).toBe(true);
  expect(await queue.takeSlot("sonnet", 1, { task: first, priority: 1 })).toBe(true);
  expect(await queue.takeSlot("haiku", 1, { task: second, priority: 2 })).toBe(true);
});
