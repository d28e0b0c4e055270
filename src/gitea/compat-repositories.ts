/** GitHub's calls about commit statuses, branches, refs, rights and webhooks on Gitea's routes. */
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

/** Routes about repositories. */
export const REPOSITORY_ROUTES: readonly Route[] = [
  repositoryRoute("POST", "/statuses/([^/]+)", async (call, _parts, send) => {
    const answer = await send({ ...call, body: { context: "default", ...fieldsOf(call.body) } });
    return withData(answer, statusShape(fieldsOf(answer.data)));
  }),
  repositoryRoute("GET", "/(?:commits/[^/]+/statuses|statuses/[^/]+)", async (call, _parts, send) => {
    const answer = await send(call);
    return withData(answer, itemsOf(answer.data).map(statusShape));
  }),
  repositoryRoute("GET", "/commits/([^/]+)/status", async (call, _parts, send) => {
    const answer = await send(call);
    const combined = fieldsOf(answer.data);
    const statuses = itemsOf(combined.statuses).map(statusShape);
    return withData(answer, { ...combined, state: combined.state || "pending", statuses });
  }),
  repositoryRoute("GET", "/branches", async (call, _parts, send) => {
    const answer = await send(call);
    return withData(answer, itemsOf(answer.data).map(branchShape));
  }),
  repositoryRoute("GET", "/branches/([^/]+)", async (call, _parts, send) => {
    const answer = await send(call);
    return withData(answer, branchShape(fieldsOf(answer.data)));
  }),
  repositoryRoute("GET", "/commits/([^/]+)", (call, [repository, ref], send) =>
    send({ ...call, path: `${repository}/git/commits/${ref}` }),
  ),
  repositoryRoute("POST", "/git/refs", createRef),
  repositoryRoute("GET", "/git/ref/(.+)", getRef),
  repositoryRoute("DELETE", "/git/refs/(.+)", (call, [repository, ref = ""], send) => {
    const { kind, name } = parseRef(decodeURIComponent(ref));
    return send({ ...call, path: `${repository}/${kind}/${encodeURIComponent(name)}` });
  }),
  repositoryRoute("GET", "/collaborators/([^/]+)/permission", async (call, _parts, send) => {
    const answer = await send(call);
    const level = fieldsOf(answer.data);
    return withData(answer, { ...level, permission: level.permission === "owner" ? "admin" : level.permission });
  }),
  repositoryRoute("POST", "/hooks", (call, _parts, send) => {
    const { config, active = true, ...hook } = without(fieldsOf(call.body), "name");
    return send({ ...call, body: { type: "gitea", ...hook, active, config: hookConfig(config) } });
  }),
  repositoryRoute("PATCH", "/hooks/(\\d+)", async (call, _parts, send) => {
    // What is not sent would be reset: the events to pushes only, and the filter to none.
    const present = fieldsOf((await send({ path: call.path })).data);
    const { config, ...changes } = fieldsOf(call.body);
    const { active, events, branch_filter, authorization_header } = present;
    const kept = { active, events, branch_filter, authorization_header };
    return send({ ...call, body: { ...kept, ...changes, ...(config ? { config: hookConfig(config) } : {}) } });
  }),
];

function statusShape(status: Record<string, unknown>): Record<string, unknown> {
  return { ...status, state: status.status };
}

function branchShape(branch: Record<string, unknown>): Record<string, unknown> {
  const commit = fieldsOf(branch.commit);
  return { ...branch, commit: { ...commit, sha: commit.id } };
}

/** Gitea wants texts only, and knows no switch for TLS. */
function hookConfig(config: unknown): Record<string, string> {
  const entries = Object.entries(without(fieldsOf(config), "insecure_ssl"));
  return { content_type: "json", ...Object.fromEntries(entries.map(([name, value]) => [name, String(value)])) };
}

function parseRef(ref: string): { readonly kind: "branches" | "tags"; readonly name: string } {
  const [, kind, name] = /^(?:refs\/)?(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (name === undefined) throw new CompatError(422, `Gitea can only make and delete branches and tags, not ${ref}.`);
  return { kind: kind === "heads" ? "branches" : "tags", name };
}

async function createRef(call: Call, [repository]: readonly string[], send: Send): Promise<Answer> {
  const { ref, sha } = fieldsOf(call.body);
  const { kind, name } = parseRef(String(ref));
  const body = kind === "branches" ? { new_branch_name: name, old_ref_name: sha } : { tag_name: name, target: sha };
  const answer = await send({ method: "POST", path: `${repository}/${kind}`, body });
  return withData(answer, { ref, object: { type: "commit", sha } });
}

async function getRef(_call: Call, [repository, ref = ""]: readonly string[], send: Send): Promise<Answer> {
  const { kind, name } = parseRef(decodeURIComponent(ref));
  const answer = await send({ path: `${repository}/${kind}/${encodeURIComponent(name)}` });
  const { id, sha = id } = fieldsOf(fieldsOf(answer.data).commit);
  const full = `refs/${kind === "branches" ? "heads" : "tags"}/${name}`;
  return withData(answer, { ref: full, object: { type: "commit", sha } });
}
