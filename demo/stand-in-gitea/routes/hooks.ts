/** Routes about webhooks of repositories, organisations and the server. */
import { z } from "zod";
import { ApiError, notFound } from "../api-error.ts";
import { storedEvents } from "../event-names.ts";
import { readCommit, resolveBranch } from "../git-repository.ts";
import { presentBranchCommit } from "../present/commit.ts";
import { presentRepository } from "../present/repository.ts";
import { type Json, presentUser } from "../present/user.ts";
import { type Hook, nextId, type Repository, type User } from "../state.ts";
import { findUser, fullName, gitFolder, timestamp, type World } from "../world.ts";
import {
  ADMIN_NEEDED,
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  pageOf,
  parameter,
  readBody,
  repositoryFor,
} from "./call.ts";

const Config = z.record(z.string(), z.string());
const NewHook = z.object({
  type: z.string(),
  config: Config,
  events: z.array(z.string()).nullish(),
  branch_filter: z.string().nullish(),
  authorization_header: z.string().nullish(),
  active: z.boolean().nullish(),
});
const HookChange = NewHook.partial();

/** Whose hook it is. */
type Scope = Pick<Hook, "scope" | "repositoryId" | "ownerId">;

/** A hook as asked for; inactive unless said otherwise. */
export function makeHook(world: World, scope: Scope, wish: z.infer<typeof NewHook>): Hook {
  const { url, content_type: contentType, secret } = wish.config;
  if (!url || (contentType !== "json" && contentType !== "form")) throw new ApiError(422, "Missing config option");
  const now = timestamp();
  const hook: Hook = {
    id: nextId(world.state, "hook"),
    ...scope,
    type: wish.type,
    url,
    contentType,
    secret: secret ?? "",
    events: storedEvents(wish.events),
    branchFilter: wish.branch_filter ?? "",
    authorizationHeader: wish.authorization_header ?? "",
    active: wish.active ?? false,
    created: now,
    updated: now,
  };
  world.state.hooks.push(hook);
  return hook;
}

function present(hook: Hook): Json {
  return {
    id: hook.id,
    name: "",
    type: hook.type,
    branch_filter: hook.branchFilter,
    config: { content_type: hook.contentType, url: hook.url },
    events: hook.events,
    authorization_header: hook.authorizationHeader,
    active: hook.active,
    updated_at: hook.updated,
    created_at: hook.created,
  };
}

/** What a change does not name is reset: events to `push`, filter and header to nothing. */
function change(hook: Hook, wish: z.infer<typeof HookChange>): void {
  hook.url = wish.config?.url ?? hook.url;
  hook.contentType =
    wish.config?.content_type === "form" ? "form" : wish.config?.content_type === "json" ? "json" : hook.contentType;
  hook.events = storedEvents(wish.events);
  hook.branchFilter = wish.branch_filter ?? "";
  hook.authorizationHeader = wish.authorization_header ?? "";
  hook.active = wish.active ?? hook.active;
  hook.updated = timestamp();
}

/** The push that nobody made, which a hook is tried with. */
async function testPayload(world: World, repository: Repository, ref: string, doer: User): Promise<Json | undefined> {
  const folder = gitFolder(world, repository);
  const sha = await resolveBranch(folder, ref);
  if (!sha) return undefined;
  const commit = presentBranchCommit(world, repository, await readCommit(folder, sha));
  return {
    ref: `refs/heads/${ref}`,
    before: sha,
    after: sha,
    compare_url: `${world.url}/${fullName(world.state, repository)}/compare/${sha}...${sha}`,
    commits: [commit],
    total_commits: 1,
    head_commit: commit,
    repository: presentRepository(world, repository, "none"),
    pusher: presentUser(world, doer),
    sender: presentUser(world, doer),
  };
}

/** Adds the routes about webhooks. */
export function addHookRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/hooks";
  const owned = (c: Call): Repository => repositoryFor(c, world, "admin", ADMIN_NEEDED);
  const hookFrom = (c: Call): Hook => {
    const repository = owned(c);
    const id = Number(parameter(c, "id"));
    const hook = world.state.hooks.find((candidate) => candidate.id === id && candidate.repositoryId === repository.id);
    if (!hook) throw notFound();
    return hook;
  };
  api.get(path, (c) => {
    const { id } = owned(c);
    const hooks = world.state.hooks.filter((hook) => hook.repositoryId === id);
    return answer(c, 200, pageOf(c, world, hooks, false).map(present));
  });
  api.post(path, async (c) => {
    const scope: Scope = { scope: "repository", repositoryId: owned(c).id, ownerId: null };
    return answer(c, 201, present(makeHook(world, scope, await readBody(c, NewHook))));
  });
  api.get(`${path}/:id`, (c) => answer(c, 200, present(hookFrom(c))));
  api.patch(`${path}/:id`, async (c) => {
    const hook = hookFrom(c);
    change(hook, await readBody(c, HookChange));
    return answer(c, 200, present(hook));
  });
  api.delete(`${path}/:id`, (c) => {
    const gone = hookFrom(c);
    world.state.hooks = world.state.hooks.filter((hook) => hook !== gone);
    return answerEmpty(c, 204);
  });
  api.post(`${path}/:id/tests`, async (c) => {
    const repository = owned(c);
    const hook = hookFrom(c);
    const ref = c.req.query("ref") || repository.defaultBranch;
    const payload = await testPayload(world, repository, ref, doerOf(c));
    if (payload && hook.active) world.deliveries.queue(hook, "push", payload);
    return answerEmpty(c, 204);
  });
  api.post("/orgs/:name/hooks", async (c) => {
    const owner = findUser(world.state, parameter(c, "name"));
    if (!owner) throw notFound();
    if (!doerOf(c).admin) throw new ApiError(403, "Must be an organization owner");
    const scope: Scope = { scope: "organization", repositoryId: null, ownerId: owner.id };
    return answer(c, 201, present(makeHook(world, scope, await readBody(c, NewHook))));
  });
  api.post("/admin/hooks", async (c) => {
    if (!doerOf(c).admin) throw new ApiError(403, "Only site admins can do this");
    const scope: Scope = { scope: "system", repositoryId: null, ownerId: null };
    return answer(c, 201, present(makeHook(world, scope, await readBody(c, NewHook))));
  });
}
