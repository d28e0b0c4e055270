/** Puts the bot together: configuration -> adapters -> app -> listen and work; and ends it in order. */
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { createApp } from "./app/app.ts";
import { createObey } from "./commands/obey-comment.ts";
import type { Config } from "./config.ts";
import { connectForge } from "./connect-forge.ts";
import { createSafeAdvance } from "./coordinator/advance-safely.ts";
import type { Deps } from "./coordinator/deps.ts";
import { reconcile } from "./coordinator/reconcile.ts";
import { runLogRoutes } from "./dashboard/run-log.ts";
import { RunId } from "./domain/ids.ts";
import { createDeliveryWorker } from "./gitea/delivery-worker.ts";
import { createWebhookHandler } from "./gitea/webhooks.ts";
import { registerHandlers } from "./index.ts";
import { systemClock } from "./lib/clock.ts";
import { ensureMarkerKeys } from "./marker-keys.ts";
import { createRedisInbox } from "./queue/redis-inbox.ts";
import { createRunLogs, RUN_LOG_DAYS, runLogFiles } from "./queue/redis-run-logs.ts";
import { createRedisTaskQueue } from "./queue/redis-task-queue.ts";
import { createRedisTaskStore } from "./queue/redis-task-store.ts";
import { createHttpServer, listen } from "./server.ts";

/** Bodies larger than this are refused; Gitea sets no limit, and a pull request's payload holds three repositories. */
const WEBHOOK_BYTES = 5 * 1024 * 1024;
/** Deliveries that may wait before the bot says that it is not ready. */
const INBOX_LIMIT = 10_000;
/** Between two looks for what no webhook told. */
const RECONCILE_INTERVAL_MS = 2 * 60_000;
/** Pages of 50 assigned issues (a call each) and of 100 open tasks (about ten calls each) that one look may cost. */
const RECONCILE_BUDGET = { assignedPages: 20, openPages: 1 } as const;

export interface Bot {
  /** Where it listens. */
  readonly url: string;
  /** Takes no more work, ends what is under way, and leaves the rest for the next start. */
  stop(): Promise<void>;
}

/** What may differ from the usual. */
export interface BotOptions {
  /** Between two looks for what no webhook told. */
  readonly reconcileIntervalMs?: number;
}

/** Starts the bot on Redis connections made by `connect`; they end with it. */
export async function startBot(
  config: Config,
  connect: () => Redis,
  log: Logger,
  { reconcileIntervalMs = RECONCILE_INTERVAL_MS }: BotOptions = {},
): Promise<Bot> {
  const redis = connect();
  const logReader = connect();
  const deliveryReader = connect();
  const clock = systemClock;
  const { octokit, forge } = connectForge(config, log);
  const queue = createRedisTaskQueue(redis, clock, log);
  const deps: Deps = {
    forge,
    store: createRedisTaskStore(redis, log),
    queue,
    obey: createObey({ profiles: config.profiles, limits: config.file.limits, clock }),
    clock,
    log,
    profiles: config.profiles,
    limits: config.file.limits,
    publicUrl: config.publicUrl,
    markerKeys: await ensureMarkerKeys(config),
    ignoredLogins: config.file["ignore-users"].map((login) => login.toLowerCase()),
    newRunId: () => RunId.parse(randomBytes(16).toString("hex")),
  };
  const inbox = createRedisInbox({ redis, blocking: deliveryReader });
  const app = createApp({ octokit, log });
  registerHandlers(app, deps);
  const deliveries = createDeliveryWorker({ inbox, app, log });
  const logFolder = join(config.dataFolder, "runs");
  const runLogs = createRunLogs(logReader, logFolder, clock, log);
  const server = createHttpServer({
    webhook: createWebhookHandler({ inbox, secrets: config.webhookSecrets, maxBytes: WEBHOOK_BYTES, clock, log }),
    runLogs: runLogRoutes((run) => runLogFiles(logFolder, run), RUN_LOG_DAYS),
    notReady: () =>
      reasonsNotReady(
        redis,
        () =>
          octokit.request("GET /version").then(
            () => true,
            () => false,
          ),
        () => inbox.size(),
      ),
  });
  await listen(server, config.environment);
  const stopping = new AbortController();
  await runLogs.start();
  deliveries.start();
  queue.work(createSafeAdvance(deps));
  const reconciling = reconcileUntil(deps, reconcileIntervalMs, stopping.signal);
  return {
    url: urlOf(server.address()),
    async stop() {
      stopping.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await Promise.all([closed, deliveries.stop(), reconciling]);
      await queue.close();
      await runLogs.stop();
      for (const connection of [redis, logReader, deliveryReader]) connection.disconnect();
    },
  };
}

async function reconcileUntil(deps: Deps, intervalMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const tasks = await reconcile(deps, RECONCILE_BUDGET, signal);
      deps.log.debug({ tasks }, "reconciled");
    } catch (error) {
      deps.log.warn({ err: error, outcome: "retrying" }, "reconciliation failed");
    }
    await sleep(intervalMs, undefined, { signal }).catch(() => undefined);
  }
}

async function reasonsNotReady(
  redis: Redis,
  forgeAnswers: () => Promise<boolean>,
  inboxSize: () => Promise<number>,
): Promise<readonly string[]> {
  if (redis.status !== "ready") return ["Redis is not reachable."];
  const waiting = await inboxSize();
  const reasons = waiting > INBOX_LIMIT ? [`${waiting} deliveries wait.`] : [];
  const reachable = await forgeAnswers();
  return reachable ? reasons : [...reasons, "The forge is not reachable, or refuses the token."];
}

function urlOf(address: string | AddressInfo | null): string {
  if (address === null || typeof address === "string") return address ?? "";
  return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
}
