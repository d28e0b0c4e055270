/** The runner's line to the bot: takes runs from the queues it can serve, keeps them claimed, and hands results back. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, WaitingError, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { RunId, TaskId } from "../src/domain/ids.ts";
import type { RedactingStream } from "../src/lib/redact.ts";
import { Job, type JobResult } from "../src/protocol/jobs.ts";
import {
  ADVANCE_QUEUE,
  CANCEL_CHANNEL,
  canServe,
  HEARTBEAT_INTERVAL_MS,
  HEARTBEATS_KEY,
  jobQueueName,
  LABEL_SETS_KEY,
  QUEUE_PREFIX,
  RUNNER_FENCE_MS,
  RUNNER_LOST_MS,
  runKey,
  runnerKey,
  runnerRunsKey,
} from "../src/protocol/redis-layout.ts";
import {
  BEAT,
  CLAIM_RUN,
  FINISH_RUN,
  HOLDS_RUN,
  LOSE_RUN,
  QueuedRun,
  type RunnerStatus,
} from "../src/protocol/run-ledger.ts";
import { openLogStream } from "./redis-log-stream.ts";
import type { RunContext, StopReason } from "./run-context.ts";
import { createLocalSlots } from "./slots.ts";

/** BullMQ's own lock on a job; the run ledger is what counts, so a job that stalls is simply dropped. */
const LOCK_MS = 6_000;
const STALLED_CHECK_MS = 2_000;
/** How often new label sets are looked for. */
const LABEL_SETS_INTERVAL_MS = 2_000;

/** What a channel needs. */
export interface ChannelOptions {
  /** For commands; duplicated for blocking reads and for listening. Stays the caller's. */
  readonly redis: Redis;
  readonly status: Omit<RunnerStatus, "busy">;
  readonly execute: (context: RunContext) => Promise<JobResult>;
  /** Makes a run's output fit to be read by anybody. */
  readonly redact: () => RedactingStream;
  readonly log: Logger;
}

export interface Channel {
  /** Resolves when the runner is registered and takes jobs. */
  start(): Promise<void>;
  /** Takes no more jobs, stops the present ones with `reason`, waits for them, and signs off. */
  stop(reason: StopReason): Promise<void>;
}

interface ActiveRun {
  readonly key: string;
  readonly claim: string;
  readonly stopper: AbortController;
  readonly done: Promise<void>;
}

/** A channel of one runner. */
export function createChannel({ redis, status, execute, redact, log }: ChannelOptions): Channel {
  const active = new Map<RunId, ActiveRun>();
  const workers = new Map<string, Worker>();
  const connections: Redis[] = [];
  const closing = new AbortController();
  const advances = new Queue(ADVANCE_QUEUE, { connection: redis, prefix: QUEUE_PREFIX });
  const listener = redis.duplicate();
  const slots = createLocalSlots(status.slots, (free) => {
    for (const worker of workers.values()) {
      if (free) void worker.resume();
      else void worker.pause(true);
    }
  });
  let registered = false;
  let lastBeat = 0;
  let beating: Promise<void> = Promise.resolve();

  function stopAll(reason: StopReason): void {
    for (const run of active.values()) run.stopper.abort(reason);
  }

  async function beat(): Promise<void> {
    const about: RunnerStatus = { ...status, busy: slots.busy };
    const known = await redis.eval(
      BEAT,
      2,
      HEARTBEATS_KEY,
      runnerKey(status.id),
      status.id,
      JSON.stringify(about),
      `${2 * RUNNER_LOST_MS}`,
    );
    // Redis was emptied, or the bot gave this runner up: what it still runs is somebody else's by now.
    if (registered && known !== 1) stopAll("fenced");
    registered = true;
    lastBeat = performance.now();
    await stopCancelled();
  }

  /** A cancellation that was published while nobody listened is still in the ledger. */
  async function stopCancelled(): Promise<void> {
    for (const run of active.values()) {
      if ((await redis.eval(HOLDS_RUN, 1, run.key, run.claim)) !== 1) run.stopper.abort("cancelled");
    }
  }

  async function beatUntilClosed(): Promise<void> {
    while (!closing.signal.aborted) {
      await sleep(HEARTBEAT_INTERVAL_MS, undefined, { signal: closing.signal }).catch(() => undefined);
      const answered = await Promise.race([
        beat().then(
          () => true,
          () => false,
        ),
        sleep(HEARTBEAT_INTERVAL_MS, false),
      ]);
      if (!answered && performance.now() - lastBeat > RUNNER_FENCE_MS) stopAll("fenced");
    }
  }

  async function advance(task: TaskId): Promise<void> {
    await advances.add(
      "advance",
      { task },
      { deduplication: { id: task, keepLastIfActive: true }, removeOnComplete: true, removeOnFail: true, attempts: 1 },
    );
  }

  async function perform(job: Job, claim: string): Promise<void> {
    const key = runKey(job.task, job.run);
    const runLog = log.child({ task: job.task, run: job.run, kind: job.kind });
    const output = openLogStream(redis, job.run, (error) => runLog.warn({ err: error }, "log chunk lost"));
    const redacting = redact();
    const decoder = new TextDecoder();
    const stopper = new AbortController();
    let finished: () => void = () => undefined;
    active.set(job.run, { key, claim, stopper, done: new Promise((resolve) => (finished = resolve)) });
    try {
      runLog.info("job started");
      await stopCancelled();
      await advance(job.task);
      const result = await execute({
        job,
        signal: stopper.signal,
        log: (chunk) => output.write(redacting.write(decoder.decode(Buffer.from(chunk), { stream: true }))),
        isCurrent: async () =>
          (!stopper.signal.aborted || stopper.signal.reason === "shutdown") &&
          (await redis.eval(HOLDS_RUN, 1, key, claim)) === 1,
      });
      output.write(redacting.end());
      await output.end();
      const taken = await redis.eval(FINISH_RUN, 1, key, claim, JSON.stringify(result), `${Date.now()}`);
      runLog.info({ outcome: taken === 1 ? "finished" : "refused" }, "job ended");
      await advance(job.task);
    } catch (error) {
      runLog.warn({ err: error, stopped: stopper.signal.reason }, "job ended without a result");
      await output.end();
      // A run that was cancelled stays cancelled; any other is lost at once instead of when this runner falls silent.
      await redis.eval(LOSE_RUN, 1, key, status.id, `stopped: ${stopper.signal.reason ?? "failed inside the runner"}`);
      await advance(job.task);
    } finally {
      active.delete(job.run);
      await redis.srem(runnerRunsKey(status.id), `${job.run} ${job.task}`);
      finished();
    }
  }

  async function takeRun(data: unknown): Promise<void> {
    const { run, task } = QueuedRun.parse(data);
    const runId = RunId.parse(run);
    const taskId = TaskId.parse(task);
    const claim = randomBytes(16).toString("hex");
    await redis.sadd(runnerRunsKey(status.id), `${run} ${task}`);
    const text = await redis.eval(CLAIM_RUN, 1, runKey(taskId, runId), status.id, claim, `${Date.now()}`);
    if (typeof text === "string") await perform(Job.parse(JSON.parse(text)), claim);
    else await redis.srem(runnerRunsKey(status.id), `${run} ${task}`);
  }

  function serve(set: string): void {
    const connection = redis.duplicate({ maxRetriesPerRequest: null });
    connections.push(connection);
    const worker = new Worker(
      jobQueueName(set),
      async (job, token) => {
        if (closing.signal.aborted || !slots.take()) {
          await job.moveToWait(token);
          throw new WaitingError();
        }
        try {
          await takeRun(job.data);
        } finally {
          slots.release();
        }
      },
      {
        connection,
        prefix: QUEUE_PREFIX,
        concurrency: status.slots,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        maxStalledCount: 0,
      },
    );
    worker.on("error", (error) => log.warn({ err: error }, "job queue: redis failed"));
    workers.set(set, worker);
  }

  async function serveNewSets(): Promise<void> {
    const sets = new Set(["", ...(await redis.smembers(LABEL_SETS_KEY))]);
    for (const set of sets) if (!workers.has(set) && canServe(status.labels, set)) serve(set);
  }

  async function lookForSets(): Promise<void> {
    while (!closing.signal.aborted) {
      await serveNewSets().catch((error: unknown) => log.warn({ err: error }, "label sets: redis failed"));
      await sleep(LABEL_SETS_INTERVAL_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  return {
    async start() {
      await listener.subscribe(CANCEL_CHANNEL);
      listener.on("message", (_channel, run) => active.get(RunId.parse(run))?.stopper.abort("cancelled"));
      await beat();
      await serveNewSets();
      beating = Promise.all([beatUntilClosed(), lookForSets()]).then(() => undefined);
    },
    async stop(reason) {
      closing.abort();
      stopAll(reason);
      await Promise.all([...active.values()].map((run) => run.done));
      await Promise.all([...workers.values()].map((worker) => worker.close()));
      await beating;
      await advances.close();
      for (const connection of [listener, ...connections]) connection.disconnect();
      await redis.zrem(HEARTBEATS_KEY, status.id);
    },
  };
}
