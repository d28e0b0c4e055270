/** The one HTTP server: webhooks first and without a framework, then health and run logs. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import { UserError } from "./domain/errors.ts";
import { errorCode } from "./lib/error-code.ts";

/** Why the system lets nobody listen there, and the way out. */
const REFUSALS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program does; end that one, or set PORT to a free port",
  EACCES: "this user may not; set PORT to one above 1023",
  EADDRNOTAVAIL: "this machine does not have that address; set HOST to one of its own, or to 0.0.0.0 for all",
};

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

/** Resolves when it listens; a `UserError` says what to set where it may not. */
export async function listen(server: Server, { HOST, PORT }: { HOST: string; PORT: number }): Promise<void> {
  try {
    const listening = once(server, "listening");
    server.listen(PORT, HOST);
    await listening;
  } catch (error) {
    const code = errorCode(error) ?? "";
    const reason = REFUSALS[code];
    if (reason === undefined) throw error;
    throw new UserError("CONFIG_INVALID", `Steward cannot listen on ${HOST}, port ${PORT}: ${reason}.`, {
      cause: error,
    });
  }
}
