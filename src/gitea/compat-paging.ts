/** Paging as octokit expects it: `per_page`, and a `Link` where Gitea sends only a count, or nothing. */
import { type Answer, type Call, PAGE_SIZE, withData } from "./compat-call.ts";

/** What Gitea gives without a `limit`. */
const DEFAULT_LIMIT = 30;
/** Lists that are paged without saying how many there are. */
const UNCOUNTED = /\/(?:dependencies|blocks)$/;
/** The one route that knows `per_page`. */
const TREES = /\/git\/trees\//;

/** Gitea's name for GitHub's `per_page`, within what it gives at most. */
export function withLimit(call: Call): Call {
  const wanted = call.query.get("per_page");
  if (call.method !== "GET" || wanted === null || TREES.test(call.path)) return call;
  const query = new URLSearchParams(call.query);
  query.delete("per_page");
  query.set("limit", `${Math.min(PAGE_SIZE, Number(wanted))}`);
  return { ...call, query };
}

/** The answer of a list, never `null`, with a link to the next page, below the same root, when there is one. */
export function withNextLink(answer: Answer, call: Call, root: string): Answer {
  if (call.method !== "GET") return answer;
  if (answer.data === null) return withData(answer, []);
  if (!Array.isArray(answer.data)) return answer;
  const next = nextPage(answer, answer.data.length, call);
  if (next === undefined) return { ...answer, headers: { ...answer.headers, link: undefined } };
  const link = `<${root}${call.path}?${next}>; rel="next"`;
  return { ...answer, headers: { ...answer.headers, link } };
}

function nextPage(answer: Answer, length: number, call: Call): URLSearchParams | undefined {
  const page = Number(call.query.get("page") ?? 1);
  const asked = Number(call.query.get("limit") ?? DEFAULT_LIMIT);
  const total = answer.headers["x-total-count"];
  // A server may give less than it was asked for: its first page shows how much.
  const limit = page === 1 && length > 0 ? Math.min(asked, length) : asked;
  const seen = (page - 1) * limit + length;
  // Gitea's own link begins with what it thinks its address is, which need not be where it is reached.
  const isLinked = String(answer.headers.link ?? "").includes('rel="next"');
  const isCounted = length > 0 && total !== undefined && seen < Number(total);
  const isFull = total === undefined && length === asked && UNCOUNTED.test(call.path);
  const more = isLinked || isCounted || isFull;
  if (!more) return undefined;
  const query = new URLSearchParams(call.query);
  query.set("page", `${page + 1}`);
  query.set("limit", `${limit}`);
  return query;
}
