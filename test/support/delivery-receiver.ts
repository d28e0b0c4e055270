/** A process of its own that receives deliveries as the bot does: server, webhook route, Redis inbox, worker and app. */
import { once } from "node:events";
import { Hono } from "hono";
import { Redis } from "ioredis";
import { createApp } from "../../src/app/app.ts";
import { createDeliveryWorker } from "../../src/gitea/delivery-worker.ts";
import { createOctokit } from "../../src/gitea/octokit-compat.ts";
import { createWebhookHandler } from "../../src/gitea/webhooks.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLog } from "../../src/lib/log.ts";
import { createRedactor } from "../../src/lib/redact.ts";
import { createRedisInbox } from "../../src/queue/redis-inbox.ts";
import { createHttpServer } from "../../src/server.ts";

/** What the process tells whoever asks. */
export interface ReceiverReport {
  readonly port: number;
  /** What is in use after a collection, on the heap and outside of it. */
  readonly heldBytes: number;
  readonly residentBytes: number;
  /** How often each issue was named by an event. */
  readonly emitted: readonly (readonly [issue: number, times: number])[];
}

const [path = "", secret = "", maxBytes = ""] = process.argv.slice(2);
const connect = () => new Redis({ path, maxRetriesPerRequest: null });
const log = createLog("warn", createRedactor([secret]));
const inbox = createRedisInbox({ redis: connect(), blocking: connect() });
const app = createApp({ octokit: createOctokit({ baseUrl: "http://127.0.0.1:9", token: "t", timeoutMs: 1 }), log });
const emitted = new Map<number, number>();
app.onAny(({ payload }) => {
  if ("issue" in payload) emitted.set(payload.issue.number, (emitted.get(payload.issue.number) ?? 0) + 1);
});
const worker = createDeliveryWorker({ inbox, app, log });
const server = createHttpServer({
  webhook: createWebhookHandler({ inbox, secrets: [secret], maxBytes: Number(maxBytes), clock: systemClock, log }),
  runLogs: new Hono(),
  notReady: async () => [],
});
server.listen(0, "127.0.0.1");
await once(server, "listening");
worker.start();

const report = (): ReceiverReport => {
  const address = server.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { port, heldBytes: heapUsed + external, residentBytes: rss, emitted: [...emitted] };
};
process.on("message", () => process.send?.(report()));
process.on("disconnect", () => process.exit());
process.send?.(report());
