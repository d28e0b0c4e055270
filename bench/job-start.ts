/** A job's start on an idle worker over one round trip to Redis; the worker is another process, as a runner is. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { z } from "zod";
import { RepositoryName, Sha, TaskId } from "../src/domain/ids.ts";
import { systemClock } from "../src/lib/clock.ts";
import type { InspectionJob } from "../src/protocol/jobs.ts";
import { ADVANCE_QUEUE, jobQueueName, QUEUE_PREFIX } from "../src/protocol/redis-layout.ts";
import { createRedisTaskQueue } from "../src/queue/redis-task-queue.ts";
import { createConnect } from "../src/redis-connection.ts";
import { startRedis } from "../test/support/redis.ts";
import { inTurns, median, until } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { newRun } from "./runner-stage.ts";

const ROUNDS = { warmUp: 100, rounds: 400 };
const SHA = Sha.parse("0".repeat(40));
const WORKER = fileURLToPath(new URL("./job-start-worker.ts", import.meta.url));
const BARE_QUEUE = "bare";
const NANOSECONDS_A_MILLISECOND = 1e6;

const Begun = z.object({ begunAt: z.string().transform(BigInt) });

async function isIdle(redis: Redis): Promise<boolean> {
  const lengths = await Promise.all(
    [ADVANCE_QUEUE, jobQueueName("")].flatMap((queue) => [
      redis.llen(`${QUEUE_PREFIX}:${queue}:active`),
      redis.llen(`${QUEUE_PREFIX}:${queue}:wait`),
    ]),
  );
  return lengths.every((length) => length === 0);
}

function emptyJob(): InspectionJob {
  return {
    kind: "inspection",
    run: newRun(),
    task: TaskId.parse("acme/widgets#42"),
    repository: RepositoryName.parse("acme/widgets"),
    cloneUrl: "http://git.example/acme/widgets.git",
    runsOn: [],
    sha: SHA,
    base: SHA,
  };
}

/** Milliseconds from the call of `start` to the moment in which the worker began, by the clock that all processes share. */
async function untilBegun(worker: ChildProcess, start: () => Promise<unknown>): Promise<number> {
  const told = once(worker, "message");
  const startedAt = process.hrtime.bigint();
  await start();
  const { begunAt } = Begun.parse((await told)[0]);
  return Number(begunAt - startedAt) / NANOSECONDS_A_MILLISECOND;
}

/** Measures it: from the call that gives the job out to the moment in which the runner begins with it. */
export async function jobStart(): Promise<Found> {
  await using redis = await startRedis();
  const log = pino({ level: "silent" });
  const connect = createConnect(redis.url, log);
  const [bot, adding, plain] = [connect(), connect(), connect()];
  const queue = createRedisTaskQueue(bot, systemClock, log);
  const bare = new Queue(BARE_QUEUE, { connection: adding });
  // What follows a job, its result and the request to look at it, is over before the next begins.
  let idle = Promise.withResolvers<void>();
  queue.work(async () => {
    idle.resolve();
  });
  const worker = fork(WORKER, [redis.url, BARE_QUEUE]);
  await once(worker, "message");
  const [ours, bullmq]: [number[], number[]] = [[], []];
  const { roundTrip } = await inTurns(
    {
      ...ROUNDS,
      after: async () => {
        await idle.promise;
        await until(async () => ((await isIdle(plain)) ? true : undefined), { everyMs: 2, withinMs: 5_000 });
      },
    },
    {
      start: async () => {
        idle = Promise.withResolvers<void>();
        ours.push(await untilBegun(worker, () => queue.startRun(emptyJob(), 0)));
      },
      bullmq: async () => {
        bullmq.push(await untilBegun(worker, () => bare.add("job", {}, { removeOnComplete: true })));
      },
      roundTrip: () => plain.ping(),
    },
  );
  const ended = once(worker, "exit");
  worker.disconnect();
  await ended;
  await Promise.all([queue.close(), bare.close()]);
  for (const connection of [bot, adding, plain]) connection.disconnect();
  const [start, alone] = [ours, bullmq].map((times) => times.slice(ROUNDS.warmUp));
  const [took, trip] = [median(start ?? []), median(roundTrip)];
  const beside = `${rounded(took)} ms; one round trip: ${rounded(trip)} ms; BullMQ alone: ${rounded(median(alone ?? []))} ms`;
  const what = "job add to start over a Redis round trip, idle worker";
  return { findings: [atMost({ what, value: took / trip, limit: 10, beside })], raw: { start, alone, roundTrip } };
}
