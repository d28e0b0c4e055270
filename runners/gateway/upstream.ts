/** One call to the model endpoint over node:http(s), which streams both ways, adds nothing and follows no redirect. */
import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { ModelEndpoint } from "../runner-config.ts";
import type { Route } from "./route.ts";

/** Everything that goes out. */
export interface UpstreamCall {
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/** The route at the endpoint, below the path that the endpoint's own address may have. */
export function upstreamUrl(endpoint: ModelEndpoint, route: Route): URL {
  const url = new URL(endpoint.url);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${route.path}`;
  url.search = route.query;
  url.hash = "";
  return url;
}

/** Resolves with the answer as soon as its headers are there; its body is read by the caller. */
export function callUpstream(call: UpstreamCall): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const send = call.url.protocol === "https:" ? httpsRequest : httpRequest;
    const request: ClientRequest = send(
      call.url,
      { method: "POST", headers: call.headers, signal: call.signal },
      resolve,
    );
    request.on("error", reject);
    request.end(call.body);
  });
}
