/** Requests to advance a task: one BullMQ queue, deduplicated by task, the newest request kept while one is active. */
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import type { TaskId } from "../domain/ids.ts";
import { AdvanceRequest, advanceRequest } from "../protocol/advance-request.ts";
import { capLocks, JOB_LOCK_MS, STALLED_CHECK_MS } from "../protocol/queue-locks.ts";
import { ADVANCE_QUEUE, QUEUE_PREFIX } from "../protocol/redis-layout.ts";

/** An advance may be begun again after a death as often as it takes: each step looks for what is there already. */
const MAX_STALLED = 1_000_000;
/** Advances of different tasks that one process works on at once; each waits for the forge most of the time. */
const CONCURRENCY = 8;
const FAILED = "advance queue: redis failed";

export interface Advances {
  request(task: TaskId): Promise<void>;
  /** Starts working; `advance` must not throw for anything that concerns one task only. */
  work(advance: (task: TaskId) => Promise<void>): void;
  /** Ends after the advances under way. */
  close(): Promise<void>;
}

/** The advance queue over one Redis connection, which stays the caller's. */
export function createAdvances(redis: Redis, log: Logger): Advances {
  const queue = new Queue(ADVANCE_QUEUE, { connection: redis, prefix: QUEUE_PREFIX });
  queue.on("error", (error) => log.warn({ err: error }, FAILED));
  const workers: { readonly worker: Worker; readonly connection: Redis; readonly capping: NodeJS.Timeout }[] = [];
  const cap = () => redis.eval(...capLocks(ADVANCE_QUEUE)).catch((error) => log.warn({ err: error }, FAILED));

  return {
    async request(task) {
      await queue.add(...advanceRequest(task));
    },

    work(advance) {
      const connection = redis.duplicate({ maxRetriesPerRequest: null });
      const worker = new Worker(ADVANCE_QUEUE, async (job) => advance(AdvanceRequest.parse(job.data).task), {
        connection,
        prefix: QUEUE_PREFIX,
        concurrency: CONCURRENCY,
        lockDuration: JOB_LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        maxStalledCount: MAX_STALLED,
      });
      worker.on("error", (error) => log.warn({ err: error }, "advance worker: redis failed"));
      workers.push({ worker, connection, capping: setInterval(cap, STALLED_CHECK_MS) });
    },

    async close() {
      for (const { capping } of workers) clearInterval(capping);
      await Promise.all(workers.map(({ worker }) => worker.close()));
      for (const { connection } of workers) connection.disconnect();
      await queue.close();
    },
  };
}
