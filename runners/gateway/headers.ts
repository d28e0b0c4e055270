/** Which headers pass the gateway, in each direction; what is not named here does not. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";
import type { ModelEndpoint } from "../runner-config.ts";

const REQUEST_HEADERS = ["accept", "anthropic-version", "anthropic-beta", "user-agent"];
const ANSWER_HEADERS = [
  "content-type",
  "content-length",
  "content-encoding",
  "cache-control",
  "request-id",
  "retry-after",
  "x-should-retry",
];
const ANSWER_HEADER_PREFIX = "anthropic-ratelimit-";

/** Headers for the endpoint: the client's harmless ones, our key, and no compression, so that usage can be read. */
export function requestHeaders(
  from: IncomingHttpHeaders,
  endpoint: ModelEndpoint,
  bodyBytes: number,
): OutgoingHttpHeaders {
  const passed = Object.entries(from).filter(([name]) => REQUEST_HEADERS.includes(name));
  return {
    ...Object.fromEntries(passed),
    "content-type": "application/json",
    "content-length": bodyBytes,
    "accept-encoding": "identity",
    ...(endpoint.key === undefined ? {} : { "x-api-key": endpoint.key }),
  };
}

/** Headers for the client: what describes the content, and what tells it when to try again. */
export function answerHeaders(from: IncomingHttpHeaders): OutgoingHttpHeaders {
  const passed = Object.entries(from).filter(
    ([name]) => ANSWER_HEADERS.includes(name) || name.startsWith(ANSWER_HEADER_PREFIX),
  );
  return Object.fromEntries(passed);
}
