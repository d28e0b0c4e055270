/** The model gateway: a unix socket that forwards Anthropic Messages calls, adds the key outside and reads usage. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Usage } from "../../src/domain/usage.ts";
import { createRefusals } from "../refusals.ts";
import type { ModelEndpoint } from "../runner-config.ts";
import { ApiError, errorBody } from "./api-error.ts";
import { type CallContext, forwardCall } from "./forward-call.ts";
import { refusalName } from "./route.ts";
import { createUsageMeter } from "./usage-meter.ts";

// An agent and its helpers use a handful; more is a flood.
const MAX_CONNECTIONS = 64;

/** What a session's gateway is opened with. */
export interface GatewayOptions {
  /** Where to listen, at most 107 bytes; any local user may connect, so its folder decides who can. */
  readonly socketPath: string;
  readonly endpoint: ModelEndpoint;
  /** Replaces what the agent asks for; absent: the agent chooses. */
  readonly model: string | undefined;
  /** Closes the gateway and ends its calls. */
  readonly signal: AbortSignal;
  /** One line a call for the run's log: path, status, tokens; never content. */
  readonly log: (line: string) => void;
}

/** An open gateway. */
export interface Gateway {
  /** Absent: nothing was asked of the model. */
  usage(): Usage | undefined;
  /** True while the provider fails: what was asked of it last, and asked rightly, got no answer. */
  isFailing(): boolean;
  /** What was refused, as `METHOD /path`, each once. */
  refused(): readonly string[];
  /** Stops listening and ends what is under way; may be called twice. */
  close(): Promise<void>;
}

/** Listens on the socket; resolves when a client can connect. */
export async function openGateway(options: GatewayOptions): Promise<Gateway> {
  const stop = new AbortController();
  const { endpoint, model, log } = options;
  const refusals = createRefusals();
  const context = { endpoint, model, log, refusals, meter: createUsageMeter(), budget: { held: 0 } };
  const server = createServer((request, response) => void serve(context, request, response, stop.signal));
  server.maxConnections = MAX_CONNECTIONS;
  server.on("connect", (request, socket) => {
    refusals.add(refusalName(request.method, request.url));
    socket.on("error", () => socket.destroy());
    socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
  });
  await once(server.listen({ path: options.socketPath, readableAll: true, writableAll: true }), "listening");
  const close = () => {
    stop.abort();
    return closeServer(server);
  };
  options.signal.addEventListener("abort", () => void close(), { once: true });
  if (options.signal.aborted) await close();
  return { usage: context.meter.usage, isFailing: context.meter.isFailing, refused: refusals.list, close };
}

async function serve(
  context: CallContext,
  request: IncomingMessage,
  response: ServerResponse,
  stopped: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  try {
    await forwardCall(context, request, response, AbortSignal.any([stopped, gone.signal]));
  } catch (error) {
    if (response.headersSent || response.destroyed) response.destroy();
    else sendError(response, asApiError(error));
  }
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError(500, "api_error", "the gateway failed", { cause: error });
}

/** The connection ends with it, for the rest of a refused body may still be on its way. */
function sendError(response: ServerResponse, error: ApiError): void {
  response.writeHead(error.status, { "content-type": "application/json", connection: "close" });
  response.end(errorBody(error));
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
