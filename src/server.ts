/** The one HTTP server: webhooks first and without a framework, then health and run logs. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";

/** What the server is made of. */
export interface ServerParts {
  /** Answers the webhook routes; false for any other path. */
  readonly webhook: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  readonly runLogs: Hono;
  /** What keeps the bot from taking work, each a sentence; empty: ready. */
  readonly notReady: () => Promise<readonly string[]>;
}

/** The server, not listening yet. */
export function createHttpServer({ webhook, runLogs, notReady }: ServerParts): Server {
  const pages = new Hono();
  pages.get("/healthz", (context) => context.json({ status: "alive" }));
  pages.get("/health", (context) => context.json({ status: "alive" }));
  pages.get("/readyz", async (context) => {
    const reasons = await notReady();
    return context.json({ ready: reasons.length === 0, reasons }, reasons.length === 0 ? 200 : 503);
  });
  pages.route("/runs", runLogs);
  pages.notFound((context) => context.text("There is nothing here.\n", 404));
  const listener = getRequestListener(pages.fetch);
  return createServer(async (request, response) => {
    if (!(await webhook(request, response))) await listener(request, response);
  });
}
