/** `steward up`: a private Redis when none is given, the bot and one runner as processes of their own, ended in order. */
import { type ChildProcess, fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Config, loadConfig, secretsOf } from "./config.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";
import { partProcess } from "./part-process.ts";
import { ensureRedisServer, type RedisServerProcess } from "./queue/redis-server-process.ts";
import { untilAskedToStop } from "./shutdown.ts";

/** How often parts that died are looked for. */
const WATCH_MS = 500;
/** A part that has not ended by then is killed: what it did is fenced and taken up by the next start. */
const STOP_MS = 9_000;

/** Runs everything; ends when it was asked to and all parts have ended. */
export async function runUp(variables: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(variables);
  const log = createLog(config.environment.LOG_LEVEL, createRedactor(secretsOf(config)));
  const redis = await privateRedis(config);
  const environment = { ...variables, REDIS_URL: redis?.socket ?? config.environment.REDIS_URL };
  const parts = new Map<string, ChildProcess>();
  let stopping = false;

  function start(part: "serve" | "runner"): void {
    const { env, execArgv } = partProcess(config.dataFolder, environment);
    const main = fileURLToPath(new URL("./main.ts", import.meta.url));
    const child = fork(main, [part], { env, execArgv: [...process.execArgv, ...execArgv] });
    parts.set(part, child);
  }

  async function watch(): Promise<void> {
    while (!stopping) {
      await redis?.ensure();
      for (const part of ["serve", "runner"] as const) {
        const child = parts.get(part);
        if (child && child.exitCode === null && child.signalCode === null) continue;
        if (child)
          log.error({ part, code: child.exitCode, signal: child.signalCode, outcome: "retrying" }, "a part ended");
        if (!stopping) start(part);
      }
      await sleep(WATCH_MS);
    }
  }

  const watching = watch();
  await untilAskedToStop();
  stopping = true;
  await watching;
  await Promise.all([...parts.values()].map(end));
  await redis?.shutdown();
  log.info("all parts stopped");
}

async function privateRedis(config: Config): Promise<RedisServerProcess | undefined> {
  return config.environment.REDIS_URL === undefined ? ensureRedisServer(config.dataFolder) : undefined;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(killer);
}
