/** A job's start on an idle worker over one round trip to Redis. */
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import { pino } from "pino";
import { createChannel } from "../runners/channel/bullmq-channel.ts";
import { createOutputLog } from "../runners/output.ts";
import { RepositoryName, Sha, TaskId } from "../src/domain/ids.ts";
import { systemClock } from "../src/lib/clock.ts";
import { type InspectionJob, type InspectionResult, PROTOCOL_VERSION } from "../src/protocol/jobs.ts";
import { ADVANCE_QUEUE, jobQueueName, QUEUE_PREFIX } from "../src/protocol/redis-layout.ts";
import { createRedisTaskQueue } from "../src/queue/redis-task-queue.ts";
import { createConnect } from "../src/redis-connection.ts";
import { startRedis } from "../test/support/redis.ts";
import { inTurns, median, until } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { newRun } from "./runner-stage.ts";

const ROUNDS = { warmUp: 100, rounds: 400 };
const SHA = Sha.parse("0".repeat(40));
const NOTHING: InspectionResult = { kind: "inspection", outcome: "inspected", summary: "", integrity: [] };

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

/** BullMQ's own time from adding a job to its start, with nothing of Steward. */
async function openBullmq(connect: () => Redis) {
  const [adding, working] = [connect(), connect()];
  const queue = new Queue("bare", { connection: adding });
  let begun = Promise.withResolvers<void>();
  const worker = new Worker("bare", async () => begun.resolve(), { connection: working });
  await worker.waitUntilReady();
  return {
    async start() {
      begun = Promise.withResolvers<void>();
      await Promise.all([queue.add("job", {}, { removeOnComplete: true }), begun.promise]);
    },
    async close() {
      await worker.close();
      await queue.close();
      for (const connection of [adding, working]) connection.disconnect();
    },
  };
}

/** Measures it: from the call that gives the job out to the moment in which the runner begins with it. */
export async function jobStart(): Promise<Found> {
  await using redis = await startRedis();
  const log = pino({ level: "silent" });
  const connect = createConnect(redis.url, log);
  const [bot, runner, plain] = [connect(), connect(), connect()];
  const queue = createRedisTaskQueue(bot, systemClock, log);
  let begun = Promise.withResolvers<void>();
  const channel = createChannel({
    redis: runner,
    status: {
      ...{ id: "bench", protocol: PROTOCOL_VERSION, labels: [], slots: 4, sandbox: "none", workspace: "none" },
      startedAt: systemClock.now(),
    },
    execute: async () => {
      begun.resolve();
      return NOTHING;
    },
    openOutput: (sink) => createOutputLog({ secrets: [], limitBytes: 1, sink }),
    log,
  });
  // What follows a job, its result and the request to look at it, is over before the next begins.
  let idle = Promise.withResolvers<void>();
  queue.work(async () => {
    idle.resolve();
  });
  await channel.start();
  const bullmq = await openBullmq(connect);
  const times = await inTurns(
    {
      ...ROUNDS,
      after: async () => {
        await idle.promise;
        await until(async () => ((await isIdle(plain)) ? true : undefined), { everyMs: 2, withinMs: 5_000 });
      },
    },
    {
      start: async () => {
        begun = Promise.withResolvers<void>();
        idle = Promise.withResolvers<void>();
        await Promise.all([queue.startRun(emptyJob(), 0), begun.promise]);
      },
      bullmq: bullmq.start,
      roundTrip: () => plain.ping(),
    },
  );
  await bullmq.close();
  await channel.stop("shutdown");
  await queue.close();
  for (const connection of [bot, runner, plain]) connection.disconnect();
  const [ours, trip] = [median(times.start), median(times.roundTrip)];
  const beside = `${rounded(ours)} ms; one round trip: ${rounded(trip)} ms; BullMQ alone: ${rounded(median(times.bullmq))} ms`;
  const what = "job add to start over a Redis round trip, idle worker";
  return { findings: [atMost({ what, value: ours / trip, limit: 10, beside })], raw: times };
}
