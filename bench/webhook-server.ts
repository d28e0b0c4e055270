/** A server in a process of its own: `bare`, which drains a POST, or `steward`, which verifies, stores and answers a delivery. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { Hono } from "hono";
import { createWebhookHandler } from "../src/gitea/webhooks.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createLog } from "../src/lib/log.ts";
import { createRedactor } from "../src/lib/redact.ts";
import { createRedisInbox } from "../src/queue/redis-inbox.ts";
import { createConnect } from "../src/redis-connection.ts";
import { createHttpServer } from "../src/server.ts";

/** As the bot's own. */
const MAX_BYTES = 5 * 1024 * 1024;

const [kind = "", redisUrl = "", secret = ""] = process.argv.slice(2);

function bare(): Server {
  return createServer((request, response) => {
    request.on("data", () => undefined);
    request.on("end", () => {
      response.statusCode = 202;
      response.end();
    });
  });
}

function steward(): Server {
  const log = createLog("warn", createRedactor([secret]));
  const connect = createConnect(redisUrl, log);
  const inbox = createRedisInbox({ redis: connect(), blocking: connect() });
  return createHttpServer({
    webhook: createWebhookHandler({ inbox, secrets: [secret], maxBytes: MAX_BYTES, clock: systemClock, log }),
    runLogs: new Hono(),
    notReady: async () => [],
  });
}

const server = kind === "steward" ? steward() : bare();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = server.address();
process.send?.({ port: typeof address === "object" ? address?.port : undefined });
process.on("disconnect", () => process.exit());
