/** GitHub's calls about pull requests and reviews on Gitea's routes. */
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Answer,
  type Call,
  CompatError,
  fieldsOf,
  itemsOf,
  type Route,
  repositoryRoute,
  type Send,
  statusOf,
  withData,
  without,
} from "./compat-call.ts";
import { draftTitle } from "./draft-title.ts";

/** GitHub's order and direction, in Gitea's word. */
const ORDERS: Readonly<Record<string, string>> = {
  "created asc": "oldest",
  "updated desc": "recentupdate",
  "updated asc": "leastupdate",
  "popularity desc": "mostcomment",
  "popularity asc": "leastcomment",
};
/** How long a merge that is refused for the moment is tried: some three seconds. */
const MERGE_TRIES = 6;
const MERGE_PAUSE_MS = 500;

const EVENTS: Readonly<Record<string, string>> = { APPROVE: "APPROVED" };
const STATES: Readonly<Record<string, string>> = { REQUEST_CHANGES: "CHANGES_REQUESTED", COMMENT: "COMMENTED" };

/** Routes about pull requests. */
export const PULL_ROUTES: readonly Route[] = [
  repositoryRoute("GET", "/pulls", listPulls),
  repositoryRoute("POST", "/pulls", (call, _parts, send) => {
    const { draft, ...body } = without(fieldsOf(call.body), "maintainer_can_modify");
    return send({ ...call, body: draft ? { ...body, title: draftTitle(String(body.title), true) } : body });
  }),
  repositoryRoute("PATCH", "/pulls/(\\d+)", async (call, _parts, send) => {
    const { maintainer_can_modify: allow, ...body } = fieldsOf(call.body);
    const answer = await send({
      ...call,
      body: allow === undefined ? body : { ...body, allow_maintainer_edit: allow },
    });
    return { ...answer, status: 200 };
  }),
  repositoryRoute("PUT", "/pulls/(\\d+)/merge", merge),
  repositoryRoute("PUT", "/pulls/(\\d+)/update-branch", async (call, [repository, number], send) => {
    const query = new URLSearchParams({ style: "merge" });
    const path = `${repository}/pulls/${number}/update`;
    const answer = await send({ ...call, method: "POST", path, query, body: undefined });
    return withData(answer, { message: "Updating pull request branch." }, 202);
  }),
  repositoryRoute("GET", "/pulls/(\\d+)/reviews", async (call, _parts, send) => {
    const answer = await send(call);
    const reviews = itemsOf(answer.data).filter(({ state }) => state !== "REQUEST_REVIEW");
    return withData(answer, reviews.map(reviewShape));
  }),
  repositoryRoute("GET", "/pulls/(\\d+)/reviews/(\\d+)", async (call, _parts, send) => shaped(await send(call))),
  repositoryRoute("POST", "/pulls/(\\d+)/reviews", async (call, _parts, send) => {
    const body = fieldsOf(call.body);
    const comments = itemsOf(body.comments).map(commentFrom);
    return shaped(await send({ ...call, body: { ...body, ...eventFrom(body), comments } }));
  }),
  repositoryRoute("POST", "/pulls/(\\d+)/reviews/(\\d+)/events", async (call, [repository, number, id], send) => {
    const body = fieldsOf(call.body);
    const path = `${repository}/pulls/${number}/reviews/${id}`;
    return shaped(await send({ ...call, path, body: { ...body, ...eventFrom(body) } }));
  }),
  repositoryRoute("PUT", "/pulls/(\\d+)/reviews/(\\d+)/dismissals", async (call, _parts, send) =>
    shaped(await send({ ...call, method: "POST" })),
  ),
  repositoryRoute("GET", "/commits/([^/]+)/pulls", async (call, [repository, sha], send) => {
    try {
      const answer = await send({ ...call, path: `${repository}/commits/${sha}/pull` });
      return withData(answer, [answer.data]);
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      return { status: 200, headers: {}, data: [] };
    }
  }),
];

async function listPulls(call: Call, _parts: readonly string[], send: Send): Promise<Answer> {
  const query = new URLSearchParams(call.query);
  const { head, base, sort = "created", direction = sort === "created" ? "desc" : "asc" } = Object.fromEntries(query);
  for (const name of ["head", "base", "sort", "direction"]) query.delete(name);
  // Without a state Gitea gives all.
  if (!query.has("state")) query.set("state", "open");
  if (base !== undefined) query.set("base_branch", base);
  const order = ORDERS[`${sort} ${direction}`];
  if (order !== undefined) query.set("sort", order);
  const answer = await send({ ...call, query });
  const branch = head?.replace(/^[^:]*:/, "");
  const pulls = itemsOf(answer.data).filter((pull) => branch === undefined || branchOf(pull) === branch);
  return withData(answer, pulls);
}

function branchOf(pull: Record<string, unknown>): unknown {
  const { label, ref } = fieldsOf(pull.head);
  return label === "" ? ref : label;
}

async function merge(call: Call, [repository, number]: readonly string[], send: Send): Promise<Answer> {
  const { merge_method = "merge", commit_title, commit_message, sha } = fieldsOf(call.body);
  const path = `${repository}/pulls/${number}`;
  const body = {
    Do: merge_method,
    ...(commit_title === undefined ? {} : { MergeTitleField: commit_title }),
    ...(commit_message === undefined ? {} : { MergeMessageField: commit_message }),
    ...(sha === undefined ? {} : { head_commit_id: sha }),
  };
  const answer = await sendMerge(path, body, send);
  const pull = fieldsOf((await send({ path })).data);
  if (pull.merged !== true) throw new CompatError(405, "Pull Request is not merged");
  return withData(
    answer,
    { merged: true, sha: pull.merge_commit_sha, message: "Pull Request successfully merged" },
    200,
  );
}

/** Just after a push Gitea does not know yet whether it can merge, and answers as if it could not. */
async function sendMerge(path: string, body: object, send: Send): Promise<Answer> {
  for (let left = MERGE_TRIES; ; left -= 1) {
    try {
      return await send({ method: "POST", path: `${path}/merge`, body });
    } catch (error) {
      if (statusOf(error) !== 405 || left <= 1) throw error;
      const { draft, state } = fieldsOf((await send({ path })).data);
      if (draft === true || state !== "open") throw error;
      await sleep(MERGE_PAUSE_MS);
    }
  }
}

/** Gitea takes an event that it does not know for a pending review, which nobody sees. */
function eventFrom({ event }: Record<string, unknown>): { readonly event?: unknown } {
  return event === undefined ? {} : { event: EVENTS[String(event)] ?? event };
}

function commentFrom({ line, side, ...comment }: Record<string, unknown>): Record<string, unknown> {
  if (line === undefined) return comment;
  return { ...comment, [side === "LEFT" ? "old_position" : "new_position"]: line };
}

function shaped(answer: Answer): Answer {
  return withData(answer, reviewShape(fieldsOf(answer.data)), 200);
}

function reviewShape(review: Record<string, unknown>): Record<string, unknown> {
  if (review.dismissed === true) return { ...review, state: "DISMISSED" };
  return { ...review, state: STATES[String(review.state)] ?? review.state };
}
