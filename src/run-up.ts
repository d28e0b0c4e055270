/** `steward up`: a private Redis when none is given, the bot and one runner as processes of their own, ended in order. */
import { fork } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Logger } from "pino";
import { type Config, loadConfig, secretsOf } from "./config.ts";
import { keepPart } from "./keep-part.ts";
import { systemClock } from "./lib/clock.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";
import { compileAhead, partProcess } from "./part-process.ts";
import { ensureRedisServer, type RedisServerProcess } from "./queue/redis-server-process.ts";
import { untilAskedToStop } from "./shutdown.ts";

const PARTS = ["serve", "runner"] as const;
const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** How often it is looked whether Redis lives. */
const REDIS_WATCH_MS = 500;

/** Runs everything; ends when it was asked to, or when a part can never be ready here, and all parts have ended. */
export async function runUp(variables: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(variables);
  const log = createLog(config.environment.LOG_LEVEL, createRedactor(secretsOf(config)));
  // Before anything runs that would have to be ended in order.
  await compileAhead(partProcess(config.dataFolder, variables));
  const redis = await privateRedis(config);
  const environment = { ...variables, REDIS_URL: redis?.socket ?? config.environment.REDIS_URL };
  const part = partProcess(config.dataFolder, environment);
  const stopping = new AbortController();
  const partsEnded = new AbortController();
  const watching = keepRedis(redis, partsEnded.signal, log);

  const keeping = PARTS.map((name) => {
    const start = () => fork(MAIN, [name], { env: part.env, execArgv: [...process.execArgv, ...part.execArgv] });
    return keepPart({ name, start, clock: systemClock, pause, log }, stopping.signal);
  });
  const hopeless = await Promise.race([untilAskedToStop(), ...keeping]);
  stopping.abort();
  await Promise.all(keeping);
  partsEnded.abort();
  await watching;
  await redis?.shutdown();
  log.info("all parts stopped");
  if (hopeless === undefined) return;
  process.stderr.write(`${hopeless}\n`);
  process.exitCode = 1;
}

async function privateRedis(config: Config): Promise<RedisServerProcess | undefined> {
  return config.environment.REDIS_URL === undefined ? ensureRedisServer(config.dataFolder) : undefined;
}

/** Until the parts have ended, which need it for that: whoever asked all processes to end has asked Redis too. */
async function keepRedis(redis: RedisServerProcess | undefined, until: AbortSignal, log: Logger): Promise<void> {
  while (redis && !until.aborted) {
    try {
      await redis.ensure();
    } catch (error) {
      log.error({ err: error, outcome: "retrying" }, "redis does not start");
    }
    await pause(REDIS_WATCH_MS, until);
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal }).catch(() => undefined);
}
