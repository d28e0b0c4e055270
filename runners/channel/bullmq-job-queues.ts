/** The queues that a runner can serve: one worker each, and never more jobs at once than the runner has slots. */
import { setTimeout as sleep } from "node:timers/promises";
import { WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { RunId, TaskId } from "../../src/domain/ids.ts";
import { capLocks, JOB_LOCK_MS, STALLED_CHECK_MS } from "../../src/protocol/queue-locks.ts";
import { canServe, jobQueueName, LABEL_SETS_KEY, QUEUE_PREFIX } from "../../src/protocol/redis-layout.ts";
import { QueuedRun } from "../../src/protocol/run-ledger.ts";
import { createLocalSlots } from "./slots.ts";

/** How often new label sets are looked for, and locks kept short. */
const KEEP_UP_INTERVAL_MS = 2_000;

/** What serving queues needs. */
export interface JobQueuesOptions {
  readonly redis: Redis;
  readonly labels: readonly string[];
  readonly slots: number;
  /** Takes one run through; resolves when its slot is free again. */
  readonly take: (run: { readonly run: RunId; readonly task: TaskId }) => Promise<void>;
  /** A runner died when it had taken a job and not yet leased its run: nobody will, unless it is queued again. */
  readonly onDropped: (task: TaskId) => Promise<void>;
  readonly log: Logger;
}

/** The queues of one runner. */
export interface JobQueues {
  readonly busy: number;
  start(): Promise<void>;
  /** Takes no more jobs from now on. */
  pause(): void;
  /** Ends; jobs under way must have ended before. */
  close(): Promise<void>;
}

/** Serves every queue whose labels the runner has, also those that appear later. */
export function createJobQueues({ redis, labels, slots: size, take, onDropped, log }: JobQueuesOptions): JobQueues {
  const workers = new Map<string, { readonly worker: Worker; readonly connection: Redis }>();
  const closing = new AbortController();
  const slots = createLocalSlots(size, (free) => {
    for (const { worker } of workers.values()) {
      if (free && !closing.signal.aborted) void worker.resume();
      else void worker.pause(true);
    }
  });
  let keepingUp: Promise<void> = Promise.resolve();

  function serve(set: string): void {
    const connection = redis.duplicate({ maxRetriesPerRequest: null });
    const worker = new Worker(
      jobQueueName(set),
      async (job, token) => {
        if (closing.signal.aborted || !slots.take()) {
          await job.moveToWait(token);
          throw new WaitingError();
        }
        const { run, task } = QueuedRun.parse(job.data);
        await take({ run: RunId.parse(run), task: TaskId.parse(task) }).finally(() => slots.release());
      },
      {
        connection,
        prefix: QUEUE_PREFIX,
        concurrency: size,
        lockDuration: JOB_LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        // The run ledger is what counts: a job that stalls is simply dropped.
        maxStalledCount: 0,
      },
    );
    worker.on("error", (error) => log.warn({ err: error }, "job queue: redis failed"));
    worker.on("failed", (job) => {
      if (!job) return;
      const dropped = onDropped(TaskId.parse(QueuedRun.parse(job.data).task));
      dropped.catch((error: unknown) => log.warn({ err: error }, "job queue: redis failed"));
    });
    workers.set(set, { worker, connection });
  }

  async function serveNewSets(): Promise<void> {
    const sets = new Set(["", ...(await redis.smembers(LABEL_SETS_KEY))]);
    for (const set of sets) if (!workers.has(set) && canServe(labels, set)) serve(set);
  }

  async function capAllLocks(): Promise<void> {
    for (const set of workers.keys()) await redis.eval(...capLocks(jobQueueName(set)));
  }

  async function keepUp(): Promise<void> {
    while (!closing.signal.aborted) {
      await sleep(KEEP_UP_INTERVAL_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      const failed = (error: unknown) => log.warn({ err: error }, "job queues: redis failed");
      await serveNewSets().then(capAllLocks).catch(failed);
    }
  }

  return {
    get busy() {
      return slots.busy;
    },
    async start() {
      await serveNewSets();
      keepingUp = keepUp();
    },
    pause() {
      closing.abort();
      for (const { worker } of workers.values()) void worker.pause(true);
    },
    async close() {
      await Promise.all([...workers.values()].map(({ worker }) => worker.close()));
      await keepingUp;
      for (const { connection } of workers.values()) connection.disconnect();
    },
  };
}
