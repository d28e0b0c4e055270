/** `steward runner`: a runner in this process until it is asked to stop. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { startRunner } from "../runners/runner.ts";
import { type Config, loadConfig, requireRedis, secretsOf } from "./config.ts";
import { RunnerWords } from "./config-file.ts";
import { demandOf } from "./config-problems.ts";
import { connectForge } from "./connect-forge.ts";
import { RetryableError, UserError } from "./domain/errors.ts";
import { systemClock } from "./lib/clock.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";
import { tellParent } from "./part-news.ts";
import type { Account, Forge } from "./ports/forge.ts";
import { createConnect } from "./redis-connection.ts";
import { runnerConfigFrom } from "./runner-config.ts";
import { endSoonAfter, letGoOfParent, untilAskedToDrain, untilAskedToStop } from "./shutdown.ts";

/** Between two looks for a forge that does not answer. */
const FORGE_PAUSE_MS = 1_000;

/** What may be said on the command line, as it was written there. */
export interface RunnerOptions {
  readonly labels?: string;
  readonly slots?: string;
}

/** Runs a runner; ends when it was asked to and its jobs were handed back, or had ended where it was asked to drain. */
export async function runRunner(variables: NodeJS.ProcessEnv, options: RunnerOptions = {}): Promise<void> {
  const config = withOptions(loadConfig(variables, "runner"), options);
  const log = createLog(config.environment.LOG_LEVEL, createRedactor(secretsOf(config)));
  const stopped = untilAskedToStop();
  const draining = untilAskedToDrain();
  endSoonAfter(stopped, log);
  const self = await accountOf(connectForge(config, log).forge, stopped, log);
  if (!self) return letGoOfParent();
  const runner = await startRunner({
    config: runnerConfigFrom(config, self),
    path: variables.PATH ?? "",
    connect: createConnect(requireRedis(config), log),
    clock: systemClock,
    log,
  });
  await tellParent({ kind: "ready" });
  const drained = draining.then(() => {
    log.info("runner takes no more jobs");
    return runner.drain();
  });
  await Promise.race([stopped, drained]);
  await runner.stop();
  log.info("runner stopped");
  letGoOfParent();
}

function withOptions(config: Config, options: RunnerOptions): Config {
  const words = RunnerWords.safeParse(options, { reportInput: true });
  if (!words.success) {
    const problems = words.error.issues.map((issue) => `--${issue.path[0]?.toString()} ${demandOf(issue)}.`);
    throw new UserError("CONFIG_INVALID", problems.join(" "));
  }
  const { labels = config.file.runner.labels, slots = config.file.runner.slots } = words.data;
  return { ...config, file: { ...config.file, runner: { ...config.file.runner, labels, slots } } };
}

/** The bot's own account; a forge that is down is waited for, until this process is asked to stop. */
async function accountOf(forge: Forge, stopped: Promise<void>, log: Logger): Promise<Account | undefined> {
  const asked = stopped.then(() => "stop" as const);
  for (;;) {
    try {
      return await forge.self();
    } catch (error) {
      if (!(error instanceof RetryableError)) throw error;
      log.warn({ err: error, outcome: "retrying" }, "the forge is not reachable");
    }
    if ((await Promise.race([asked, sleep(FORGE_PAUSE_MS)])) === "stop") return undefined;
  }
}
