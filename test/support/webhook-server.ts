/** The webhook route on a real HTTP server, and deliveries to post to it. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { z } from "zod";
import { createWebhookHandler } from "../../src/gitea/webhooks.ts";
import type { Inbox } from "../../src/ports/inbox.ts";
import { silentLog } from "./silent-log.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/webhooks");

/** The secret of all recorded deliveries. */
export const FIXTURE_SECRET = "steward-fixture-secret";

export const RecordedDelivery = z.object({
  step: z.string(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
export type RecordedDelivery = z.infer<typeof RecordedDelivery>;

/** The recorded deliveries of a server, by file name. */
export async function readRecorded(server: string): Promise<ReadonlyMap<string, RecordedDelivery>> {
  const files = (await readdir(join(FIXTURES, server))).sort();
  const deliveries = files.map(async (file) => {
    const text = await readFile(join(FIXTURES, server, file), "utf8");
    return [file.replace(/\.json$/, ""), RecordedDelivery.parse(JSON.parse(text))] as const;
  });
  return new Map(await Promise.all(deliveries));
}

export interface WebhookServer extends AsyncDisposable {
  readonly url: string;
}

/** Starts a server with the webhook route over the inbox; what the route does not answer is a 404 with the text `other`. */
export async function startWebhookServer(
  inbox: Inbox,
  { secrets = [FIXTURE_SECRET], maxBytes = 1_000_000 } = {},
): Promise<WebhookServer> {
  const handle = createWebhookHandler({ inbox, secrets, maxBytes, clock: { now: () => 17 }, log: silentLog });
  const server = createServer(async (request, response) => {
    if (!(await handle(request, response))) response.writeHead(404).end("other");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Headers as Gitea sends them with a body. */
export function signedHeaders(body: string, { secret = FIXTURE_SECRET, eventType = "issues", id = "d-1" } = {}) {
  const digest = createHmac("sha256", secret).update(body).digest("hex");
  return {
    "content-type": "application/json",
    "x-gitea-delivery": id,
    "x-gitea-event": eventType,
    "x-gitea-event-type": eventType,
    "x-gitea-signature": digest,
    "x-hub-signature-256": `sha256=${digest}`,
  };
}
