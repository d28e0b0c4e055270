/** `steward serve`: the bot in this process until it is asked to stop. */
import { type BotOptions, startBot } from "./bot.ts";
import { loadConfig, requireRedis, secretsOf } from "./config.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";
import { tellParent } from "./part-news.ts";
import { createConnect } from "./redis-connection.ts";
import { endSoonAfter, letGoOfParent, untilAskedToStop } from "./shutdown.ts";

/** Runs the bot; ends when it was asked to and everything under way has ended. */
export async function runBot(variables: NodeJS.ProcessEnv, options: BotOptions = {}): Promise<void> {
  const config = loadConfig(variables);
  const log = createLog(config.environment.LOG_LEVEL, createRedactor(secretsOf(config)));
  const stopped = untilAskedToStop();
  endSoonAfter(stopped, log);
  const bot = await startBot(config, createConnect(requireRedis(config), log), log, options);
  log.info({ url: bot.url, publicUrl: config.publicUrl }, "bot listens");
  await tellParent({ kind: "ready" });
  await stopped;
  await bot.stop();
  log.info("bot stopped");
  letGoOfParent();
}
