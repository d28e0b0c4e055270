/** GitHub's calls about issues and their assignees on Gitea's routes. */
import {
  type Answer,
  type Call,
  CompatError,
  fieldsOf,
  itemsOf,
  type Route,
  repositoryRoute,
  type Send,
  withData,
  without,
} from "./compat-call.ts";
import { setLabels } from "./compat-labels.ts";

/** GitHub's names of filters that Gitea has under another name. */
const FILTERS: Readonly<Record<string, string>> = {
  assignee: "assigned_by",
  creator: "created_by",
  mentioned: "mentioned_by",
  milestone: "milestones",
};

/** Routes about issues; writes of assignees to one issue wait for each other. */
export function createIssueRoutes(): readonly Route[] {
  const writing = new Map<string, Promise<unknown>>();

  /** Gitea knows only the whole list: two writers at once would undo each other. */
  async function inTurn(path: string, act: () => Promise<Answer>): Promise<Answer> {
    const turn = (writing.get(path) ?? Promise.resolve()).then(act, act);
    writing.set(path, turn);
    try {
      return await turn;
    } finally {
      if (writing.get(path) === turn) writing.delete(path);
    }
  }

  return [
    repositoryRoute("GET", "/issues", listIssues),
    repositoryRoute("POST", "/issues", createIssue),
    repositoryRoute("GET", "/issues/(\\d+)", async (call, _parts, send) => shaped(await send(call))),
    repositoryRoute("PATCH", "/issues/(\\d+)", updateIssue),
    ...(["POST", "DELETE"] as const).map((method) =>
      repositoryRoute(method, "/issues/(\\d+)/assignees", (call, [repository = "", number = ""], send) => {
        const path = `${repository}/issues/${number}`;
        return inTurn(path, () => changeAssignees(call, { path, repository }, send));
      }),
    ),
    repositoryRoute("GET", "/assignees/([^/]+)", async (_call, [repository = "", login = ""], send) => {
      const answer = await send({ path: `${repository}/assignees` });
      const wanted = decodeURIComponent(login).toLowerCase();
      const isThere = itemsOf(answer.data).some((user) => lower(user.login) === wanted);
      if (!isThere) throw new CompatError(404, "Not Found");
      return withData(answer, "", 204);
    }),
    repositoryRoute("PUT", "/issues/(\\d+)/lock", (call, _parts, send) => send({ ...call, body: fieldsOf(call.body) })),
    repositoryRoute("GET", "/issues/(\\d+)/dependencies/blocked_by", (call, [repository, number], send) =>
      send({ ...call, path: `${repository}/issues/${number}/dependencies` }),
    ),
    repositoryRoute("GET", "/issues/(\\d+)/dependencies/blocking", (call, [repository, number], send) =>
      send({ ...call, path: `${repository}/issues/${number}/blocks` }),
    ),
    { method: "GET", path: /^\/issues$/, handle: listOwnIssues },
  ];
}

async function listIssues(call: Call, _parts: readonly string[], send: Send): Promise<Answer> {
  const query = new URLSearchParams(call.query);
  const assignee = query.get("assignee");
  for (const [github, gitea] of Object.entries(FILTERS)) {
    const value = query.get(github);
    query.delete(github);
    if (value !== null && value !== "none" && value !== "*") query.set(gitea, value);
  }
  query.delete("sort");
  query.delete("direction");
  const answer = await send({ ...call, query });
  // A label that the repository does not have is no filter on Gitea: everything comes back.
  const labels = call.query.get("labels")?.split(",") ?? [];
  const issues = itemsOf(answer.data)
    .map(issueShape)
    .filter((issue) => labels.every((label) => itemsOf(issue.labels).some(({ name }) => name === label)))
    .filter((issue) => fitsAssignee(issue, assignee));
  return withData(answer, issues);
}

function fitsAssignee(issue: Record<string, unknown>, assignee: string | null): boolean {
  const isAssigned = itemsOf(issue.assignees).length > 0;
  if (assignee === "none") return !isAssigned;
  return assignee !== "*" || isAssigned;
}

async function listOwnIssues(call: Call, _parts: readonly string[], send: Send): Promise<Answer> {
  const query = new URLSearchParams(call.query);
  for (const name of ["filter", "sort", "direction"]) query.delete(name);
  const filter = call.query.get("filter") ?? "assigned";
  if (filter !== "all") query.set(filter, "true");
  const answer = await send({ ...call, path: "/repos/issues/search", query });
  return withData(answer, itemsOf(answer.data).map(issueShape));
}

async function createIssue(call: Call, [repository]: readonly string[], send: Send): Promise<Answer> {
  const body = fieldsOf(call.body);
  const answer = await send({ ...call, body: without(body, "labels") });
  const path = `${repository}/issues/${fieldsOf(answer.data).number}`;
  if (!Array.isArray(body.labels) || body.labels.length === 0) return shaped(answer);
  await setLabels("POST", { issue: path, repository: repository ?? "" }, body.labels, send);
  return { ...shaped(await send({ path })), status: 201 };
}

async function updateIssue(call: Call, [repository = ""]: readonly string[], send: Send): Promise<Answer> {
  const body = fieldsOf(call.body);
  const changed = without(body, "labels", "state_reason");
  // No milestone is the one with the number 0; `null` would change nothing.
  const milestone = body.milestone === null ? { milestone: 0 } : {};
  const answer = await send({ ...call, body: { ...changed, ...milestone } });
  if (!Array.isArray(body.labels)) return { ...shaped(answer), status: 200 };
  await setLabels("PUT", { issue: call.path, repository }, body.labels, send);
  return shaped(await send({ path: call.path }));
}

async function changeAssignees(
  call: Call,
  { path, repository }: { readonly path: string; readonly repository: string },
  send: Send,
): Promise<Answer> {
  const issue = fieldsOf((await send({ path })).data);
  const before = itemsOf(issue.assignees).map(({ login }) => String(login));
  const named = [fieldsOf(call.body).assignees].flat().map(String);
  const isNamed = (login: string) => named.some((name) => name.toLowerCase() === login.toLowerCase());
  if (call.method === "DELETE")
    return patchAssignees(
      path,
      before.filter((login) => !isNamed(login)),
      send,
    );
  // Who cannot be assigned is left out, as GitHub does; Gitea would fail.
  const assignable = itemsOf((await send({ path: `${repository}/assignees` })).data).map(({ login }) => String(login));
  const added = assignable.filter((login) => isNamed(login) && !before.includes(login));
  return { ...(await patchAssignees(path, [...before, ...added], send)), status: 201 };
}

async function patchAssignees(path: string, assignees: readonly string[], send: Send): Promise<Answer> {
  return { ...shaped(await send({ method: "PATCH", path, body: { assignees } })), status: 200 };
}

function shaped(answer: Answer): Answer {
  return withData(answer, issueShape(fieldsOf(answer.data)));
}

/** Lists that are lists, and no key `pull_request` on an issue. */
function issueShape(issue: Record<string, unknown>): Record<string, unknown> {
  const lists = {
    assignees: itemsOf(issue.assignees),
    labels: itemsOf(issue.labels),
    locked: issue.is_locked === true,
  };
  return { ...(issue.pull_request ? issue : without(issue, "pull_request")), ...lists };
}

function lower(value: unknown): string {
  return String(value).toLowerCase();
}
