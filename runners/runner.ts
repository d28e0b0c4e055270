/** One runner: workspaces, a sandbox that was tried out, and a channel that brings jobs. */
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { assertNever } from "../src/lib/assert-never.ts";
import type { Clock } from "../src/lib/clock.ts";
import { type JobResult, PROTOCOL_VERSION } from "../src/protocol/jobs.ts";
import { createChannel } from "./channel/bullmq-channel.ts";
import { createRedisKeptResults } from "./channel/redis-kept-results.ts";
import { createGateExecutor } from "./jobs/gate-job.ts";
import { createInspectionExecutor } from "./jobs/inspection-job.ts";
import type { RunContext } from "./jobs/run-context.ts";
import { createSessionExecutor } from "./jobs/session-job.ts";
import { createOutputLog } from "./output.ts";
import { type RunnerConfig, secretsOf } from "./runner-config.ts";
import { selectSandbox } from "./sandbox/select-sandbox.ts";
import { openWorkspaces } from "./workspace/git-workspaces.ts";

/** A longer log keeps its beginning and its end; the middle of a build that prints more is of no use to anybody. */
const LOG_BYTES = 8 * 1024 * 1024;
/** How often what has not been used for long is removed. */
const SWEEP_INTERVAL_MS = 10 * 60_000;

/** What a runner needs. */
export interface RunnerOptions {
  readonly config: RunnerConfig;
  /** PATH on which toolchains are looked for. */
  readonly path: string;
  /** Makes a connection; the runner ends those it made. */
  readonly connect: () => Redis;
  readonly clock: Clock;
  readonly log: Logger;
}

export interface Runner {
  /** Takes no more jobs; resolves when the present ones have ended by themselves. */
  drain(): Promise<void>;
  /** Stops its jobs, hands them back, and ends. */
  stop(): Promise<void>;
}

/** Starts a runner; rejects with the way out when it can isolate nothing here. */
export async function startRunner({ config, path, connect, clock, log }: RunnerOptions): Promise<Runner> {
  const workspaces = await openWorkspaces(config);
  const sandbox = await selectSandbox(config, { path, openView: (expose) => workspaces.openEmptyView(expose) });
  workspaces.prepareFor(sandbox.exposes);
  const redis = connect();
  const deps = { workspaces, sandbox, config, clock, results: createRedisKeptResults(redis) };
  const runGate = createGateExecutor(deps);
  const runSession = createSessionExecutor(deps);
  const inspect = createInspectionExecutor(deps);

  async function execute(context: RunContext): Promise<JobResult> {
    const { job } = context;
    switch (job.kind) {
      case "gate":
        return runGate({ ...context, job });
      case "session":
        return runSession({ ...context, job });
      case "inspection":
        return inspect({ ...context, job });
      default:
        return assertNever(job);
    }
  }

  const secrets = secretsOf(config);
  const channel = createChannel({
    redis,
    status: {
      id: config.id,
      protocol: PROTOCOL_VERSION,
      labels: [...config.labels],
      slots: config.slots,
      sandbox: sandbox.name,
      workspace: workspaces.describe(),
      startedAt: clock.now(),
    },
    execute,
    openOutput: (sink) => createOutputLog({ secrets, limitBytes: LOG_BYTES, sink }),
    log,
  });
  await channel.start();
  const sweeping = setInterval(() => {
    workspaces.sweep().catch((error: unknown) => log.warn({ err: error, outcome: "retrying" }, "sweeping failed"));
  }, SWEEP_INTERVAL_MS);
  log.info({ runner: config.id, sandbox: sandbox.name, workspace: workspaces.describe() }, "runner started");
  return {
    drain: channel.drain,
    async stop() {
      clearInterval(sweeping);
      await channel.stop("shutdown");
      await workspaces.close();
      redis.disconnect();
    },
  };
}
