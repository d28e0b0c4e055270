/** `steward runner`: a runner in this process until it is asked to stop. */
import { startRunner } from "../runners/runner.ts";
import { loadConfig, requireRedis, secretsOf } from "./config.ts";
import { connectForge } from "./connect-forge.ts";
import { systemClock } from "./lib/clock.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";
import { createConnect } from "./redis-connection.ts";
import { runnerConfigFrom } from "./runner-config.ts";
import { letGoOfParent, untilAskedToStop } from "./shutdown.ts";

/** Runs a runner; ends when it was asked to and its jobs were handed back. */
export async function runRunner(variables: NodeJS.ProcessEnv): Promise<void> {
  const config = loadConfig(variables);
  const log = createLog(config.environment.LOG_LEVEL, createRedactor(secretsOf(config)));
  const stopped = untilAskedToStop();
  const { forge } = connectForge(config, log);
  const runner = await startRunner({
    config: runnerConfigFrom(config, await forge.self()),
    path: variables.PATH ?? "",
    connect: createConnect(requireRedis(config), log),
    clock: systemClock,
    log,
  });
  await stopped;
  await runner.stop();
  log.info("runner stopped");
  letGoOfParent();
}
