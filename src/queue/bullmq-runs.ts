/** Runs: jobs given to runners through one BullMQ queue a label set, with the run ledger as the truth. */
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { RunId, TaskId } from "../domain/ids.ts";
import { parseJson } from "../lib/parse-json.ts";
import type { RunState } from "../ports/task-queue.ts";
import { type Job, JobResult } from "../protocol/jobs.ts";
import {
  CANCEL_CHANNEL,
  documentKey,
  jobQueueName,
  LABEL_SETS_KEY,
  labelSet,
  QUEUE_PREFIX,
  runKey,
} from "../protocol/redis-layout.ts";
import { CANCEL_RUN, START_RUN } from "../protocol/run-ledger.ts";
import type { Runners } from "./redis-runners.ts";

export interface Runs {
  start(job: Job, version: number): Promise<void>;
  read(task: TaskId, run: RunId): Promise<RunState>;
  cancel(task: TaskId, run: RunId): Promise<void>;
  close(): Promise<void>;
}

/** Runs over one Redis connection, which stays the caller's. */
export function createRuns(redis: Redis, runners: Runners, log: Logger): Runs {
  const queues = new Map<string, Queue>();

  function queueOf(set: string): Queue {
    const known = queues.get(set);
    if (known) return known;
    const queue = new Queue(jobQueueName(set), { connection: redis, prefix: QUEUE_PREFIX });
    queue.on("error", (error) => log.warn({ err: error }, "job queue: redis failed"));
    queues.set(set, queue);
    return queue;
  }

  async function stateOf(fields: Readonly<Record<string, string>>): Promise<RunState> {
    switch (fields.state) {
      case "waiting":
        return { state: "waiting", unmatched: !(await runners.anyServes(fields.set ?? "")) };
      case "running":
        return { state: "running", runner: fields.runner ?? "", startedAt: Number(fields.startedAt) };
      case "finished": {
        const result = JobResult.safeParse(parseJson(fields.result ?? ""));
        if (!result.success) return { state: "lost", reason: "its result cannot be read", handedBack: false };
        return { state: "finished", result: result.data, finishedAt: Number(fields.finishedAt) };
      }
      case "lost":
        return { state: "lost", reason: fields.reason ?? "", handedBack: fields.handedBack === "1" };
      case "cancelled":
        return { state: "cancelled" };
      default:
        return { state: "unknown" };
    }
  }

  return {
    async start(job, version) {
      const set = labelSet(job.runsOn);
      const key = runKey(job.task, job.run);
      // Sent in one go: one connection keeps the order, so no runner hears of a run before the ledger does.
      await Promise.all([
        redis.eval(START_RUN, 3, key, documentKey(job.task), LABEL_SETS_KEY, JSON.stringify(job), set, `${version}`),
        // Added again with the same id while it waits, BullMQ keeps the one that is there; after its end the ledger refuses it.
        queueOf(set).add(
          job.kind,
          { run: job.run, task: job.task },
          { jobId: `run-${job.run}`, attempts: 1, removeOnComplete: true, removeOnFail: true },
        ),
      ]);
    },

    async read(task, run) {
      return stateOf(await redis.hgetall(runKey(task, run)));
    },

    async cancel(task, run) {
      const ended = await redis.eval(CANCEL_RUN, 1, runKey(task, run));
      if (ended === 1) await redis.publish(CANCEL_CHANNEL, run);
    },

    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
