/** One REST call while it is translated from GitHub's routes to Gitea's. */
import { z } from "zod";

/** The verbs that calls use. */
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface Call {
  readonly method: Method;
  /** Below the API's root, with its parts still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Body;
}

/** `undefined` for none; anything but a plain object is passed on as it is. */
export type Body = unknown;

/** What a call came back with. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Sends a call as it is, by default a GET without query and body; rejects with an error that has a `status` from 400 on. */
export type Send = (call: Partial<Call> & Pick<Call, "path">) => Promise<Answer>;

/** A route of GitHub's that is another one on Gitea, or gets or gives something else. */
export interface Route {
  readonly method: Method;
  /** Its groups are the `parts`. */
  readonly path: RegExp;
  handle(call: Call, parts: readonly string[], send: Send): Promise<Answer>;
}

/** A route below `/repos/{owner}/{repo}`; the first of its parts is that, then come the pattern's groups. */
export function repositoryRoute(method: Method, pattern: string, handle: Route["handle"]): Route {
  return { method, path: new RegExp(`^(/repos/[^/]+/[^/]+)${pattern}$`), handle };
}

/** A call that cannot be made to work on Gitea, or failed in the way GitHub's would. */
export class CompatError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "CompatError";
    this.status = status;
  }
}

const Fields = z.record(z.string(), z.unknown());

/** The fields of a body or of an answer. */
export function fieldsOf(value: unknown): Record<string, unknown> {
  return Fields.catch({}).parse(value);
}

/** The HTTP status of a failed call, 0 when there was none. */
export function statusOf(error: unknown): number {
  return z.object({ status: z.number() }).catch({ status: 0 }).parse(error).status;
}

/** The items of a list; Gitea writes an empty one as `null` in some places. */
export function itemsOf(value: unknown): Record<string, unknown>[] {
  return z.array(Fields).catch([]).parse(value);
}

/** An answer with other data. */
export function withData(answer: Answer, data: unknown, status = answer.status): Answer {
  return { ...answer, status, data };
}

/** Without the named fields. */
export function without(fields: Record<string, unknown>, ...names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

/** Every page of a list. */
export async function sendAll(send: Send, path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let page = 1; ; page += 1) {
    const query = new URLSearchParams({ page: `${page}`, limit: `${PAGE_SIZE}` });
    const found = itemsOf((await send({ method: "GET", path, query })).data);
    items.push(...found);
    // Some lists are not paged, and give all every time.
    if (found.length !== PAGE_SIZE) return items;
  }
}

/** The largest page that Gitea gives by default. */
export const PAGE_SIZE = 50;
