/** A real runner, a process of its own, on a real Redis and a real git server, with the bot's side of the queue and nothing else of the bot. */
import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pino } from "pino";
import type { RunnerConfig } from "../runners/runner-config.ts";
import type { Gate } from "../src/domain/gate.ts";
import { RunId, type Sha, TaskId } from "../src/domain/ids.ts";
import { systemClock } from "../src/lib/clock.ts";
import { compileAhead, partProcess } from "../src/part-process.ts";
import type { RunState } from "../src/ports/task-queue.ts";
import type { GateJob, Job } from "../src/protocol/jobs.ts";
import { createRedisTaskQueue, type RedisTaskQueue } from "../src/queue/redis-task-queue.ts";
import { createConnect } from "../src/redis-connection.ts";
import { type Files, type GitServer, startGitServer } from "../test/support/git-server.ts";
import { startRedis, type TestRedis } from "../test/support/redis.ts";
import { REPOSITORY, runnerConfig } from "../test/support/workspace-bench.ts";

const TASK = TaskId.parse("acme/widgets#42");
const MINUTES = 1;

/** Where programs are found: this Node and the system's. */
export const PROGRAMS_PATH = `${dirname(process.execPath)}:/usr/bin:/bin`;

/** All of it, running. */
export interface RunnerStage extends AsyncDisposable {
  readonly redis: TestRedis;
  readonly server: GitServer;
  readonly queue: RedisTaskQueue;
  /** Makes a gate job with one shell command. */
  gate(name: string, command: string, commit: { readonly sha: Sha; readonly base: Sha }): GateJob;
  /** Resolves with all results, as soon as the bot's side was told of the last one. */
  results(jobs: readonly Job[]): Promise<readonly RunState[]>;
}

/** The runner as a process of its own, started as the parts of `steward up` are. */
async function startRunnerProcess(folder: string, config: RunnerConfig, redisUrl: string): Promise<ChildProcess> {
  const part = partProcess(folder, process.env);
  await compileAhead(part);
  const file = fileURLToPath(new URL("./runner-process.ts", import.meta.url));
  const child = fork(file, [JSON.stringify(config), redisUrl, PROGRAMS_PATH], {
    execArgv: [...part.execArgv],
    env: part.env,
  });
  await once(child, "message");
  return child;
}

/** Starts it. */
export async function openRunnerStage(files: Files, slots: number): Promise<RunnerStage> {
  const redis = await startRedis();
  const server = await startGitServer(files);
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-"));
  const log = pino({ level: "silent" });
  const runner = await startRunnerProcess(folder, { ...runnerConfig(folder, server), slots }, redis.url);
  const connection = createConnect(redis.url, log)();
  const queue = createRedisTaskQueue(connection, systemClock, log);
  const heard = new Set<() => void>();
  queue.work(async () => {
    for (const look of heard) look();
  });

  async function results(jobs: readonly Job[]): Promise<readonly RunState[]> {
    const { promise, resolve, reject } = Promise.withResolvers<readonly RunState[]>();
    const look = () => {
      Promise.all(jobs.map((job) => queue.readRun(job.task, job.run))).then((states) => {
        if (states.every(({ state }) => state !== "waiting" && state !== "running")) resolve(states);
      }, reject);
    };
    heard.add(look);
    return promise.finally(() => heard.delete(look));
  }

  return {
    ...{ redis, server, queue, results },
    gate(name, command, commit) {
      const gate: Gate = { name, steps: [command], env: {}, timeoutMinutes: MINUTES, runsOn: [] };
      const place = { task: TASK, repository: REPOSITORY, cloneUrl: server.cloneUrl, runsOn: [] };
      return { kind: "gate", run: newRun(), ...place, ...commit, gate, fresh: true };
    },
    async [Symbol.asyncDispose]() {
      runner.disconnect();
      await once(runner, "exit");
      await queue.close();
      connection.disconnect();
      await redis.stop();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A new run's id. */
export function newRun(): RunId {
  return RunId.parse(randomBytes(16).toString("hex"));
}
