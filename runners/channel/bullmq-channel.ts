/** The runner's line to the bot: takes runs from the queues it can serve, keeps their leases, and hands results back. */
import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { RunId, type TaskId } from "../../src/domain/ids.ts";
import { advanceRequest } from "../../src/protocol/advance-request.ts";
import type { JobResult } from "../../src/protocol/jobs.ts";
import { ADVANCE_QUEUE, CANCEL_CHANNEL, QUEUE_PREFIX, RUNNER_FENCE_MS } from "../../src/protocol/redis-layout.ts";
import type { RunnerStatus } from "../../src/protocol/run-ledger.ts";
import type { RunContext, StopReason } from "../jobs/run-context.ts";
import type { OutputLog } from "../output.ts";
import { createJobQueues } from "./bullmq-job-queues.ts";
import { createHeartbeat } from "./redis-heartbeat.ts";
import { type Lease, leaseRun } from "./redis-leases.ts";
import { openLogStream } from "./redis-log-stream.ts";

/** What a channel needs. */
export interface ChannelOptions {
  /** For commands; duplicated for blocking reads and for listening. Stays the caller's. */
  readonly redis: Redis;
  readonly status: Omit<RunnerStatus, "busy">;
  readonly execute: (context: RunContext) => Promise<JobResult>;
  /** Makes a run's output fit to be kept and read by anybody, on its way to `sink`. */
  readonly openOutput: (sink: (text: string) => void) => OutputLog;
  readonly log: Logger;
}

/** A runner's line to the bot. */
export interface Channel {
  /** Resolves when the runner is registered and takes jobs. */
  start(): Promise<void>;
  /** Takes no more jobs; resolves when the present ones have ended by themselves. */
  drain(): Promise<void>;
  /** Takes no more jobs, stops the present ones with `reason`, waits for them, and signs off. */
  stop(reason: StopReason): Promise<void>;
}

interface LeasedRun {
  readonly lease: Lease;
  readonly stopper: AbortController;
}

interface ActiveRun extends LeasedRun {
  readonly done: Promise<void>;
}

/** A cancellation that was published while nobody listened is still in the ledger. */
async function stopIfCancelled({ lease, stopper }: LeasedRun): Promise<void> {
  if (!(await lease.holds())) stopper.abort("cancelled");
}

/** Whether a run is still this runner's; no answer for as long as fences a runner is a no, and nobody waits for it at an end. */
function isHeld(lease: Lease): Promise<boolean> {
  return Promise.race([lease.holds(), sleep(RUNNER_FENCE_MS, false, { ref: false })]);
}

/** A channel of one runner. */
export function createChannel({ redis, status, execute, openOutput, log }: ChannelOptions): Channel {
  const active = new Map<RunId, ActiveRun>();
  const advances = new Queue(ADVANCE_QUEUE, { connection: redis, prefix: QUEUE_PREFIX });
  const listener = redis.duplicate();
  const queues = createJobQueues({
    redis,
    labels: status.labels,
    slots: status.slots,
    take: takeRun,
    onDropped: advance,
    log,
  });
  const heartbeat = createHeartbeat({
    redis,
    status: () => ({ ...status, busy: queues.busy }),
    onFenced: () => stopAll("fenced"),
    onBeat: stopCancelled,
  });

  function stopAll(reason: StopReason): void {
    for (const run of active.values()) run.stopper.abort(reason);
  }

  async function stopCancelled(): Promise<void> {
    for (const run of active.values()) await stopIfCancelled(run);
  }

  async function advance(task: TaskId): Promise<void> {
    await advances.add(...advanceRequest(task));
  }

  /** That a run has begun is told beside its work, which does not wait for it; a cancellation that failed to be seen is seen at the next beat. */
  async function announce(run: LeasedRun, runLog: Logger): Promise<void> {
    try {
      await Promise.all([stopIfCancelled(run), advance(run.lease.job.task)]);
    } catch (error) {
      runLog.warn({ err: error }, "the start of a job could not be told");
    }
  }

  async function takeRun(named: { readonly run: RunId; readonly task: TaskId }): Promise<void> {
    const lease = await leaseRun(redis, status.id, named);
    if (!lease) return;
    const { promise: done, resolve } = Promise.withResolvers<void>();
    const stopper = new AbortController();
    active.set(named.run, { lease, stopper, done });
    try {
      await perform({ lease, stopper });
    } finally {
      active.delete(named.run);
      await lease.release();
      resolve();
    }
  }

  async function perform({ lease, stopper }: LeasedRun): Promise<void> {
    const { job } = lease;
    const { signal } = stopper;
    const runLog = log.child({ task: job.task, run: job.run, kind: job.kind });
    const stream = openLogStream(redis, job.run, (error) => runLog.warn({ err: error }, "log chunk lost"));
    const output = openOutput((text) => stream.write(text));
    try {
      runLog.info("job started");
      // A runner that shuts down still brings home what its sessions have done, while nobody else has taken over.
      const isCurrent = async () => (!signal.aborted || signal.reason === "shutdown") && (await isHeld(lease));
      const work = execute({ job, signal, log: (chunk) => output.write(chunk), isCurrent });
      const [result] = await Promise.all([work, announce({ lease, stopper }, runLog)]);
      output.end();
      await stream.end();
      const taken = await lease.finish(result);
      runLog.info({ outcome: taken ? "finished" : "refused" }, "job ended");
    } catch (error) {
      runLog.warn({ err: error, stopped: signal.reason }, "job ended without a result");
      await stream.end();
      // A run that was cancelled stays cancelled; any other is lost at once instead of when this runner falls silent.
      await lease.lose(`stopped: ${signal.reason ?? "failed inside the runner"}`, {
        handedBack: signal.reason === "shutdown",
      });
    }
    await advance(job.task);
  }

  return {
    async start() {
      await listener.subscribe(CANCEL_CHANNEL);
      listener.on("message", (_channel, run) => active.get(RunId.parse(run))?.stopper.abort("cancelled"));
      await heartbeat.start();
      await queues.start();
    },
    async drain() {
      queues.pause();
      await queues.close();
    },
    async stop(reason) {
      queues.pause();
      stopAll(reason);
      await Promise.all([...active.values()].map((run) => run.done));
      await queues.close();
      await heartbeat.stop();
      await advances.close();
      listener.disconnect();
    },
  };
}
