/** Receives deliveries itself, where no bot listens: for the webhook's round trip in `doctor`. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { RepositoryName } from "../domain/ids.ts";
import { errorCode } from "../lib/error-code.ts";
import type { Arrival, DeliveryWatch } from "../ports/delivery-watch.ts";
import { isTestDelivery } from "./test-delivery.ts";
import { digestFrom, isSigned } from "./verify.ts";

/** Test deliveries hold one commit and one repository; what is larger is something else. */
const BODY_MAX_BYTES = 1024 * 1024;
/** Deliveries that are kept until somebody asks for them; a stranger may post any number. */
const KEPT_MAX = 100;

interface Received {
  readonly body: Buffer;
  readonly signed: boolean;
}

/** Where to listen, and which secrets may have signed. */
export interface HttpWatchOptions {
  readonly host: string;
  readonly port: number;
  readonly secrets: readonly string[];
}

/** Listens; `undefined` where the port is taken. */
export async function openHttpDeliveryWatch(options: HttpWatchOptions): Promise<DeliveryWatch | undefined> {
  const received: Received[] = [];
  const news = new EventTarget();
  const server = createServer(async (request, response) => {
    const body = await readBody(request, response);
    if (!body || received.length >= KEPT_MAX) return;
    const digest = digestFrom(request.headers);
    received.push({ body, signed: digest !== undefined && isSigned(body, digest, options.secrets) });
    news.dispatchEvent(new Event("delivery"));
  });
  server.listen(options.port, options.host);
  try {
    await once(server, "listening");
  } catch (error) {
    if (errorCode(error) === "EADDRINUSE") return undefined;
    throw error;
  }
  return {
    receiver: "doctor",
    arrival: (repository, withinMs) => firstArrival(received, news, repository, AbortSignal.timeout(withinMs)),
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function firstArrival(
  received: readonly Received[],
  news: EventTarget,
  repository: RepositoryName,
  signal: AbortSignal,
): Promise<Arrival> {
  while (true) {
    const ours = received.filter(({ body }) => isTestDelivery(body.toString("utf8"), repository));
    if (ours.some(({ signed }) => signed)) return "signed";
    if (ours.length > 0) return "wrongly-signed";
    if (signal.aborted) return "nothing";
    await new Promise<void>((resolve) => {
      news.addEventListener("delivery", () => resolve(), { once: true });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
}

async function readBody(request: IncomingMessage, response: ServerResponse): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      size += chunk.length;
      if (size > BODY_MAX_BYTES) {
        request.socket.destroy();
        return undefined;
      }
      chunks.push(chunk);
    }
  } catch {
    // Whoever broke off sent nothing.
    return undefined;
  }
  response.statusCode = 202;
  response.end();
  return Buffer.concat(chunks);
}
