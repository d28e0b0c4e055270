/** One call through the gateway: checked, given the key, forwarded, and its answer streamed back while a copy is measured. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { errorCode } from "../../src/lib/error-code.ts";
import type { Refusals } from "../refusals.ts";
import type { ModelEndpoint } from "../runner-config.ts";
import { type AnswerReader, createAnswerReader } from "./anthropic-usage.ts";
import { ApiError } from "./api-error.ts";
import { answerHeaders, requestHeaders } from "./headers.ts";
import { outsideReach } from "./outside-reach.ts";
import { type ByteBudget, readBody, withModel } from "./request-body.ts";
import { ALLOWED, type Route, refusalName, routeOf } from "./route.ts";
import { callUpstream, upstreamUrl } from "./upstream.ts";
import type { UsageMeter } from "./usage-meter.ts";
import { withoutKey } from "./without-key.ts";

const FIRST_ERROR_STATUS = 400;
const FIRST_SERVER_ERROR_STATUS = 500;

// The key, the account and the pace are not the agent's: what was asked may have been right.
const NOT_THE_REQUESTS = [401, 402, 403, 408, 429];

const UNKNOWN_USAGE = { tokens: undefined, whole: false, failed: false } as const;

/** What all calls of one gateway share. */
export interface CallContext {
  readonly endpoint: ModelEndpoint;
  /** Replaces what the agent asks for; absent: the agent chooses. */
  readonly model: string | undefined;
  readonly meter: UsageMeter;
  readonly refusals: Refusals;
  readonly budget: ByteBudget;
  readonly log: (line: string) => void;
}

/** Resolves when the answer was passed on in full; rejects with `ApiError` for what the gateway answers by itself. */
export async function forwardCall(
  context: CallContext,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  const route = routeOf(request.method, request.url);
  if (route === undefined) throw refuse(context, refusalName(request.method, request.url), ALLOWED);
  const read = await readBody(request, context.budget);
  try {
    const { body, bytes } = withModel(read.bytes, context.model);
    const reach = outsideReach(body);
    if (reach) throw refuse(context, `POST ${route.path} with ${reach}`, `${reach} would reach outside this sandbox`);
    const headers = requestHeaders(request.headers, context.endpoint, bytes.length);
    const answer = await ask(context, route, { headers, body: bytes, signal });
    await passOn(context, route, answer, response);
  } finally {
    read.release();
  }
}

function refuse(context: CallContext, what: string, message: string): ApiError {
  context.refusals.add(what);
  return new ApiError(403, "permission_error", message);
}

async function ask(
  context: CallContext,
  route: Route,
  call: Omit<Parameters<typeof callUpstream>[0], "url">,
): Promise<IncomingMessage> {
  try {
    const answer = await callUpstream({ ...call, url: upstreamUrl(context.endpoint, route) });
    if (!isRedirect(answer)) return answer;
    answer.destroy();
    throw new Error(`status ${answer.statusCode}, and redirects are not followed`);
  } catch (error) {
    if (route.usesTokens) {
      if (call.signal.aborted) context.meter.cutShort(UNKNOWN_USAGE);
      else context.meter.failed("the provider's");
    }
    context.log(`model: POST ${route.path} ${call.signal.aborted ? "aborted" : `failed: ${reasonOf(error)}`}`);
    throw new ApiError(502, "api_error", "the model endpoint did not answer", { cause: error });
  }
}

async function passOn(
  context: CallContext,
  route: Route,
  answer: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const status = answer.statusCode ?? 0;
  const reader = createAnswerReader(answer.headers["content-type"]);
  // An answer goes on byte by byte; a complaint may name the key that it complains about.
  const key = status >= FIRST_ERROR_STATUS ? context.endpoint.key : undefined;
  const { "content-length": length, ...headers } = answerHeaders(answer.headers);
  response.writeHead(
    status,
    key === undefined && length !== undefined ? { ...headers, "content-length": length } : headers,
  );
  response.flushHeaders();
  const copied = (source: AsyncIterable<Buffer>) => copyTo(reader, source);
  let isWhole = false;
  try {
    if (key === undefined) await pipeline(answer, copied, response);
    else await pipeline(answer, copied, (source: AsyncIterable<Buffer>) => withoutKey(source, key), response);
    isWhole = true;
  } finally {
    const used = route.usesTokens ? `: ${measure(context.meter, status, reader, isWhole)}` : "";
    context.log(`model: POST ${route.path} ${status}${used}`);
  }
}

async function* copyTo(reader: AnswerReader, source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    reader.push(chunk);
    yield chunk;
  }
}

function measure(meter: UsageMeter, status: number, reader: AnswerReader, isWhole: boolean): string {
  if (status >= FIRST_ERROR_STATUS) {
    const isProviders = status >= FIRST_SERVER_ERROR_STATUS || NOT_THE_REQUESTS.includes(status);
    meter.failed(isProviders ? "the provider's" : "the request's");
    return "provider error";
  }
  const answer = reader.end();
  if (isWhole) meter.answered(answer);
  else meter.cutShort(answer);
  const { tokens } = answer;
  return tokens ? `${tokens.input} in, ${tokens.cached} cached, ${tokens.output} out` : "usage unknown";
}

function isRedirect(answer: IncomingMessage): boolean {
  const status = answer.statusCode ?? 0;
  return status >= 300 && status < 400;
}

function reasonOf(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.message : String(error));
}
