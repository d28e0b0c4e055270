/** GitHub's client on Gitea: an Octokit plugin that translates routes, verbs, bodies, paging and answers. */
import type { Octokit as Core } from "@octokit/core";
import { Octokit } from "@octokit/rest";
import { type Answer, type Call, CompatError, type Send } from "./compat-call.ts";
import { withLimit, withNextLink } from "./compat-paging.ts";
import { createCompatRoutes } from "./compat-routes.ts";
import { refuseUnavailable } from "./compat-unavailable.ts";

/** How long one call may take. */
const TIMEOUT_MS = 10_000;

type WrapRequest = Parameters<typeof Octokit.prototype.hook.wrap<"request">>[1];
type Options = Parameters<WrapRequest>[1];
type Response = Awaited<ReturnType<WrapRequest>>;

interface Sending {
  readonly request: Parameters<WrapRequest>[0];
  readonly options: Options;
  /** As the caller gave them. */
  readonly settings: Options["request"];
}

/** Where the forge is and who calls it. */
export interface OctokitSettings {
  /** With `/api/v1`. */
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutMs?: number;
  readonly fetch?: typeof fetch;
}

/**
 * A client whose GitHub calls work on Gitea.
 *
 * @example
 * const octokit = createOctokit({ baseUrl: "https://git.example.org/api/v1", token });
 * await octokit.rest.issues.addLabels({ owner, repo, issue_number: 1, labels: ["bug"] });
 */
export function createOctokit({ baseUrl, token, timeoutMs = TIMEOUT_MS, fetch }: OctokitSettings): Octokit {
  const Client = Octokit.plugin(giteaCompat);
  return new Client({
    baseUrl,
    auth: token,
    log: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    request: { timeoutMs, ...(fetch ? { fetch } : {}) },
  });
}

/** Callers learn of failures by the error; a second report would only go to the console. */
function ignore(): undefined {
  return undefined;
}

/**
 * The plugin; it must be the last one that wraps requests. A call with `request: { native: true }` is one of Gitea's own
 * routes, of which only the paging is translated.
 */
export function giteaCompat(octokit: Core): void {
  const routes = createCompatRoutes();
  octokit.hook.wrap("request", async (request, options) => {
    const call = callFrom(octokit, options);
    const sending = { request, options, settings: options.request };
    const send: Send = (given) => perform(sending, { ...PLAIN_CALL, ...given });
    if (sending.settings?.native === true) return responseFrom(await send(call), options.baseUrl + call.path);
    refuseUnavailable(call);
    const route = routes.find(({ method, path }) => method === call.method && path.test(call.path));
    const parts = route?.path.exec(call.path)?.slice(1) ?? [];
    const answer = route ? await route.handle(call, parts, send) : await send(call);
    return responseFrom(answer, options.baseUrl + call.path);
  });
}

const PLAIN_CALL = { method: "GET", query: new URLSearchParams(), body: undefined } as const;

function callFrom(octokit: Core, options: Options): Call {
  const { method, url, body } = octokit.request.endpoint.parse(options);
  // The token goes nowhere else, whatever address a payload names.
  if (!url.startsWith(`${options.baseUrl}/`)) throw new CompatError(400, `${url} is not below the API's root`);
  const [path = "", query] = url.slice(options.baseUrl.length).split("?");
  return withLimit({ method, path, query: new URLSearchParams(query), body });
}

async function perform(sending: Sending, call: Call): Promise<Answer> {
  const { request, options, settings } = sending;
  const signal = settings?.signal ?? AbortSignal.timeout(settings?.timeoutMs ?? TIMEOUT_MS);
  const isRead = call.method === "GET" || call.method === "HEAD";
  // A redirected write would arrive as a GET.
  const redirect = isRead ? "follow" : "manual";
  become(options, call, { ...settings, signal, redirect });
  const response = await request(options);
  // A body that broke off is given as an empty text.
  if (signal.aborted) throw new CompatError(504, `${call.method} ${call.path} took too long`);
  if (response.status >= 300) throw new CompatError(response.status, `${call.method} ${call.path} has moved`);
  return withNextLink(response, call, options.baseUrl);
}

/** Hooks that were registered before (authentication is one) hold on to the options and see no others: these must change. */
function become(options: Options, { method, path, query, body }: Call, settings: Options["request"]): void {
  for (const name of Object.keys(options)) if (!KEPT.has(name)) Reflect.deleteProperty(options, name);
  const url = query.size === 0 ? path : `${path}?${query}`;
  Object.assign(options, { method, url, request: settings, ...(body === undefined ? {} : { data: body }) });
}

const KEPT: ReadonlySet<string> = new Set(["baseUrl", "headers", "mediaType"]);

function responseFrom(answer: Answer, url: string): Response {
  return { ...answer, url };
}
