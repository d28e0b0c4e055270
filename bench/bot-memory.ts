/** The bot's memory: with nothing to do, and while it goes through 10,000 open tasks. */
import { setTimeout as sleep } from "node:timers/promises";
import { TaskId } from "../src/domain/ids.ts";
import { systemClock } from "../src/lib/clock.ts";
import { ADVANCE_QUEUE, QUEUE_PREFIX } from "../src/protocol/redis-layout.ts";
import { createRedisTaskStore } from "../src/queue/redis-task-store.ts";
import { taskWith } from "../test/support/sample-task.ts";
import { silentLog } from "../test/support/silent-log.ts";
import { residentBytes } from "./process-tree.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { openWorld, REPOSITORY, type World } from "./world.ts";

const MEBIBYTE = 1024 * 1024;
const TASKS = 10_000;
/** Issues opened, or tasks written, at once. */
const BATCH = 50;
/** After a start everything is compiled and the first reconciliation is over. */
const SETTLE_MS = 8_000;
/** The bot looks at each task once after its start; this is long enough for memory to stop growing. */
const AT_WORK_MS = 40_000;
const SAMPLE_EVERY_MS = 250;

/** Opens an issue for each task and writes down that the task waits for a person. */
async function fill({ alice, redis }: World): Promise<void> {
  const store = createRedisTaskStore(redis, silentLog);
  const since = systemClock.now();
  const phase = { state: "parked" as const, code: "paused" as const, detail: "a person paused it", since };
  for (let first = 0; first < TASKS; first += BATCH) {
    const titles = Array.from({ length: BATCH }, (_, nth) => `Task ${first + nth}`);
    const numbers = await Promise.all(
      titles.map((title) => alice.createIssue({ title, body: "Please do it.", assignees: ["steward"] })),
    );
    const ids = numbers.map((number) => TaskId.parse(`${REPOSITORY}#${number}`));
    await Promise.all(ids.map((id) => store.write(taskWith({ id, version: 0, phase, createdAt: since }))));
  }
}

/** The most memory that the bot has had so far, and has now. */
function memoryOf({ bot }: World): { readonly peak: number; readonly present: number } {
  if (bot.pid === undefined) throw new Error("the bot does not run");
  return { peak: residentBytes(bot.pid, true) / MEBIBYTE, present: residentBytes(bot.pid) / MEBIBYTE };
}

/** Measures both, each in a bot of its own. */
export async function botMemory(): Promise<Found> {
  await using world = await openWorld({
    rules: "gates: { test: { run: 'true' } }\n",
    agent: "#!/bin/sh\n",
    runners: 0,
  });
  await sleep(SETTLE_MS);
  const idle = memoryOf(world);
  // It would begin to work on each issue that it is told of.
  await world.bot.stop();
  await fill(world);
  world.bot.start();
  const samples: number[] = [];
  for (const end = performance.now() + AT_WORK_MS; performance.now() < end; await sleep(SAMPLE_EVERY_MS)) {
    if (world.bot.pid !== undefined) samples.push(memoryOf(world).present);
  }
  const full = memoryOf(world);
  const waiting = await world.redis.llen(`${QUEUE_PREFIX}:${ADVANCE_QUEUE}:wait`);
  const findings = [
    atMost({
      what: "bot's memory, idle",
      value: idle.present,
      limit: 120,
      unit: " MB",
      beside: `peak ${rounded(idle.peak)} MB`,
    }),
    atMost({
      what: "bot's memory with 10,000 open tasks, at its peak",
      value: full.peak,
      limit: 250,
      unit: " MB",
      beside: `${rounded(full.present)} MB at the end; ${rounded(TASKS - waiting)} tasks looked at in ${AT_WORK_MS / 1_000} s`,
    }),
  ];
  return { findings, raw: { idle, full, samples, waiting } };
}
