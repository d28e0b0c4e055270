/** The webhook route: a raw body is verified, stored and answered; nobody parses it before that. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Logger } from "pino";
import type { Clock } from "../lib/clock.ts";
import type { Inbox } from "../ports/inbox.ts";
import { digestFrom, isSigned } from "./verify.ts";

const PATHS: ReadonlySet<string> = new Set(["/webhook/gitea", "/webhook/forgejo"]);
const PREFIX = "/webhook/";
const JSON_TYPE = /^\s*application\/json\s*(?:;|$)/i;
/** Event names and delivery ids of all servers are far shorter. */
const HEADER_MAX = 200;

/** What the webhook routes need. */
export interface WebhookOptions {
  readonly inbox: Inbox;
  /** Any of them may have signed: to rotate one, accept both for a while. */
  readonly secrets: readonly string[];
  /** Largest body that is read. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Answers requests below `/webhook/`; resolves to `false` for all others, untouched. */
export type WebhookHandler = (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;

interface Refusal {
  readonly status: 400 | 401 | 404 | 405 | 413 | 415;
  readonly sentence: string;
}

const TOO_LARGE: Refusal = { status: 413, sentence: "The body is larger than this server accepts." };
const NOT_SIGNED: Refusal = {
  status: 401,
  sentence: "The signature is missing or wrong: the webhook's secret must be the one this server knows.",
};

/** The handler of the webhook route. */
export function createWebhookHandler(options: WebhookOptions): WebhookHandler {
  const { inbox, maxBytes, clock, log } = options;

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const head = readHead(request, maxBytes);
    if ("sentence" in head) return refuse(request, response, head, log);
    const body = await readBody(request, maxBytes);
    if (body === "aborted") return;
    if (body === "too large") return refuse(request, response, TOO_LARGE, log);
    if (!isSigned(body, head.digest, options.secrets)) return refuse(request, response, NOT_SIGNED, log);
    const { id, eventType } = head;
    await inbox.append({ id, eventType, body, receivedAt: clock.now() });
    response.statusCode = 202;
    response.end();
  }

  return async (request, response) => {
    if (!(request.url ?? "").startsWith(PREFIX)) return false;
    try {
      await receive(request, response);
    } catch (error) {
      log.error({ err: error }, "webhook: delivery not stored");
      answer(response, 503, "The delivery could not be stored; it is found again by reconciliation.");
    }
    return true;
  };
}

interface Head {
  readonly digest: Buffer;
  readonly id: string;
  readonly eventType: string;
}

function readHead(request: IncomingMessage, maxBytes: number): Head | Refusal {
  const { method, url = "", headers } = request;
  const [path = ""] = url.split("?");
  if (!PATHS.has(path)) return { status: 404, sentence: "There is no such webhook: use /webhook/gitea." };
  if (method !== "POST") return { status: 405, sentence: "Deliveries are posted: set the webhook's method to POST." };
  if (!JSON_TYPE.test(headers["content-type"] ?? "")) {
    return { status: 415, sentence: "Set the webhook's content type to application/json." };
  }
  if (Number(headers["content-length"] ?? 0) > maxBytes) return TOO_LARGE;
  const id = firstOf(headers, ["x-gitea-delivery", "x-forgejo-delivery", "x-github-delivery"]);
  const eventType = firstOf(headers, EVENT_HEADERS);
  if (id === undefined || eventType === undefined) {
    return { status: 400, sentence: "The headers X-Gitea-Delivery and X-Gitea-Event-Type are missing or malformed." };
  }
  const digest = digestFrom(headers);
  return digest === undefined ? NOT_SIGNED : { digest, id, eventType };
}

/** The fine event type before the coarse event, which means different things by the same name. */
const EVENT_HEADERS = [
  "x-gitea-event-type",
  "x-forgejo-event-type",
  "x-github-event-type",
  "x-gitea-event",
  "x-forgejo-event",
  "x-github-event",
];

function firstOf(headers: IncomingMessage["headers"], names: readonly string[]): string | undefined {
  const name = names.find((candidate) => headers[candidate] !== undefined);
  const value = name === undefined ? undefined : headers[name]?.toString();
  return value !== undefined && value !== "" && value.length <= HEADER_MAX ? value : undefined;
}

/** Listens instead of iterating: this runs for every delivery, and an iterator costs as much as the HMAC. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | "too large" | "aborted"> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) resolve("too large");
      else chunks.push(chunk);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("close", () => resolve("aborted"));
    request.on("error", () => resolve("aborted"));
  });
}

/** The rest of the body is read and dropped, so that the client gets to read the answer. */
function refuse(request: IncomingMessage, response: ServerResponse, refusal: Refusal, log: Logger): void {
  log.warn({ status: refusal.status, url: request.url, from: request.socket.remoteAddress }, "webhook: refused");
  if (refusal.status === 405) response.setHeader("allow", "POST");
  if (refusal.status === 413) response.setHeader("connection", "close");
  answer(response, refusal.status, refusal.sentence);
  request.resume();
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.statusCode = status;
  response.setHeader("content-type", "text/plain; charset=utf-8");
  response.end(`${sentence}\n`);
}
