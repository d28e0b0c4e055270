/** Which calls the gateway forwards; everything else is refused. */

/** A call that is forwarded: its path at the endpoint, and whether it uses tokens. */
export interface Route {
  readonly path: "/v1/messages" | "/v1/messages/count_tokens";
  readonly query: string;
  readonly usesTokens: boolean;
}

/** What a refusal tells the agent. */
export const ALLOWED = "this sandbox reaches only POST /v1/messages and POST /v1/messages/count_tokens";

// Long enough for every real path; a longer one is a flood.
const SHOWN_TARGET_CHARACTERS = 120;

/** The route of a request line, compared byte for byte: no decoding and no dot segments, so there is nothing to trick. */
export function routeOf(method: string | undefined, target: string | undefined): Route | undefined {
  if (method !== "POST" || target === undefined) return undefined;
  const [path, query] = cut(target);
  if (path === "/v1/messages") return { path, query, usesTokens: true };
  if (path === "/v1/messages/count_tokens") return { path, query, usesTokens: false };
  return undefined;
}

/** `METHOD /path` for the list of what was refused: no query, printable ASCII only, bounded. */
export function refusalName(method: string | undefined, target: string | undefined): string {
  const [path] = cut(target ?? "");
  const shown = path.replace(/[^\x21-\x7e]/g, "?");
  return `${method ?? "?"} ${shown.length > SHOWN_TARGET_CHARACTERS ? `${shown.slice(0, SHOWN_TARGET_CHARACTERS)}…` : shown}`;
}

function cut(target: string): [path: string, query: string] {
  const at = target.indexOf("?");
  return at < 0 ? [target, ""] : [target.slice(0, at), target.slice(at)];
}
