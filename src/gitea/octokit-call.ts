/** Calls to the forge whose answers are parsed and whose failures are Steward's own errors. */
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { FatalError, ParkError, RetryableError, type StewardError } from "../domain/errors.ts";
import { plainLine, truncate } from "../lib/text.ts";

/** Longest part of the server's own words in an error. */
const WORDS_MAX = 200;

type Parameters = Readonly<Record<string, unknown>>;

/** Calls of the forge, with their failures in our words. */
export interface ForgeCalls {
  /** The answer; what is not there is a `ParkError`. */
  request<T>(schema: z.ZodType<T>, route: string, parameters: Parameters): Promise<T>;
  /** The answer, or `undefined` where the server answers with one of these. */
  find<T>(
    schema: z.ZodType<T>,
    route: string,
    parameters: Parameters,
    missing?: readonly number[],
  ): Promise<T | undefined>;
  /** All pages of a list, up to `maxPages`; nothing where there is no such list. */
  list<T>(item: z.ZodType<T>, route: string, parameters: Parameters, maxPages?: number): Promise<T[]>;
  /** A write whose answer does not matter; true when it was done, false when the server answers with one of these. */
  write(route: string, parameters: Parameters, tolerated?: readonly number[]): Promise<boolean>;
}

/** Pages of 50 that a list may have before something must be wrong. */
const PAGES_MAX = 200;

/** Calls through a client. */
export function createForgeCalls(octokit: Octokit): ForgeCalls {
  async function send(route: string, parameters: Parameters, tolerated: readonly number[]) {
    try {
      const { data } = await octokit.request(route, { ...parameters, request: NATIVE });
      return { data };
    } catch (error) {
      const { status } = Failure.parse(error);
      if (status !== undefined && tolerated.includes(status)) return undefined;
      throw explain(error, route);
    }
  }

  async function find<T>(schema: z.ZodType<T>, route: string, parameters: Parameters, missing: readonly number[]) {
    const answer = await send(route, parameters, missing);
    return answer && read(schema, answer.data, route);
  }

  return {
    async request(schema, route, parameters) {
      const answer = await send(route, parameters, []);
      return read(schema, answer?.data, route);
    },
    find: (schema, route, parameters, missing = [404]) => find(schema, route, parameters, missing),
    async list(item, route, parameters, maxPages = PAGES_MAX) {
      const items = [];
      let page: Page | undefined = { page: 1, per_page: 50 };
      try {
        for (let pages = 0; page !== undefined && pages < maxPages; pages += 1) {
          const { data, headers } = await octokit.request(route, { ...parameters, ...page, request: NATIVE });
          items.push(...read(z.array(item), data, route));
          page = nextPage(headers.link);
        }
      } catch (error) {
        if (Failure.parse(error).status !== 404) throw explain(error, route);
      }
      return items;
    },
    async write(route, parameters, tolerated = []) {
      return (await send(route, parameters, tolerated)) !== undefined;
    },
  };
}

/** The routes are Gitea's own. */
const NATIVE = { native: true };

interface Page {
  readonly page: number;
  readonly per_page: number;
}

function nextPage(link: unknown): Page | undefined {
  const [, url] = /<([^<>]+)>;\s*rel="next"/.exec(String(link ?? "")) ?? [];
  if (url === undefined) return undefined;
  const { searchParams } = new URL(url);
  return { page: Number(searchParams.get("page")), per_page: Number(searchParams.get("limit")) };
}

/** What octokit's errors have; `status` is 500 without a `response` where the server was not reached. */
const Failure = z
  .object({
    status: z.number().optional(),
    response: z
      .object({
        headers: z.record(z.string(), z.unknown()),
        data: z.object({ message: z.string() }).catch({ message: "" }),
      })
      .optional(),
  })
  .catch({});

function read<T>(schema: z.ZodType<T>, data: unknown, route: string): T {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  // An answer that breaks off is given as the text that came.
  if (typeof data === "string")
    throw new RetryableError("FORGE_UNREACHABLE", `The forge's answer to ${route} broke off.`);
  throw new FatalError(
    "INTERNAL",
    `The forge's answer to ${route} is not understood: ${z.prettifyError(parsed.error)}`,
  );
}

function explain(error: unknown, route: string): unknown {
  // A mistake of our own, or one that was explained already.
  if (!isForgeFailure(error)) return error;
  const { status = 0, response } = Failure.parse(error);
  const words = plainLine(truncate(response?.data.message ?? "", WORDS_MAX));
  const said = words === "" ? "" : `: ${words}`;
  return errorFor(status, `The forge answered ${status} to ${route}${said}.`, {
    cause: error,
    ...retryAfter(response?.headers["retry-after"]),
  });
}

function errorFor(status: number, what: string, options: ErrorOptions & { retryAfterMs?: number }): StewardError {
  if (status === 429 || (status >= 500 && status !== 501))
    return new RetryableError("FORGE_UNREACHABLE", what, options);
  if (status === 401)
    // No issue can be blamed for it, nor be told.
    return new FatalError(
      "FORGE_REFUSED",
      `${what} The bot's token is not valid any more: set GITEA_TOKEN to one that is.`,
      options,
    );
  if (status === 403 || status === 404) return new ParkError("FORGE_REFUSED", `${what} ${RIGHTS}`, options);
  if (status === 423)
    return new ParkError("FORGE_REFUSED", `${what} The repository is archived: unarchive it first.`, options);
  if (status >= 300 && status < 400) {
    return new ParkError(
      "FORGE_REFUSED",
      `${what} The repository was renamed or moved: assign the issue again there.`,
      options,
    );
  }
  return new FatalError("FORGE_CONFLICT", what, options);
}

const RIGHTS =
  "Give the bot's account write permission on the repository, and its token the scopes `write:issue`, `write:repository` and `read:user`.";

function isForgeFailure(error: unknown): boolean {
  return Failure.parse(error).status !== undefined;
}

function retryAfter(header: unknown): { retryAfterMs?: number } {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? { retryAfterMs: seconds * 1_000 } : {};
}
