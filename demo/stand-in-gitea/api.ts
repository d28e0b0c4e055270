/** The REST API: who is calling, what may go wrong, and all routes. */
import { Hono } from "hono";
import { type Caller, callerFrom } from "./access.ts";
import { ApiError } from "./api-error.ts";
import { addBranchRoutes } from "./routes/branches.ts";
import type { Api, ApiEnvironment, Call } from "./routes/call.ts";
import { addCommentRoutes } from "./routes/comments.ts";
import { addContentRoutes } from "./routes/contents.ts";
import { addDependencyRoutes } from "./routes/dependencies.ts";
import { addHookRoutes } from "./routes/hooks.ts";
import { addIssueRoutes } from "./routes/issues.ts";
import { addLabelRoutes } from "./routes/labels.ts";
import { addPullRoutes } from "./routes/pulls.ts";
import { addReactionRoutes } from "./routes/reactions.ts";
import { addRepositoryRoutes } from "./routes/repositories.ts";
import { addReviewRoutes } from "./routes/reviews.ts";
import { addSearchRoutes } from "./routes/search.ts";
import { addStatusRoutes } from "./routes/statuses.ts";
import { addTimelineRoutes } from "./routes/timeline.ts";
import { addUserRoutes } from "./routes/users.ts";
import { fullName, repositoryOf, type World } from "./world.ts";

const BASE = "/api/v1";

/** Routes in the order they are tried: fixed words before parameters. */
const ROUTES: readonly ((api: Api, world: World) => void)[] = [
  addUserRoutes,
  addSearchRoutes,
  addRepositoryRoutes,
  addCommentRoutes,
  addReactionRoutes,
  addIssueRoutes,
  addLabelRoutes,
  addDependencyRoutes,
  addTimelineRoutes,
  addReviewRoutes,
  addPullRoutes,
  addStatusRoutes,
  addBranchRoutes,
  addContentRoutes,
  addHookRoutes,
];

/** The kind of scope a path needs. */
function scopeOf(path: string): string | undefined {
  if (/^\/users?(?:\/|$)/.test(path) && path !== "/user/repos") return "user";
  if (/^\/repos\/issues\/|^\/repos\/[^/]+\/[^/]+\/(?:issues|labels|milestones)(?:\/|$)/.test(path)) return "issue";
  if (/^\/(?:repos|user\/repos)(?:\/|$)/.test(path)) return "repository";
  if (/^\/orgs(?:\/|$)/.test(path)) return "organization";
  return /^\/admin(?:\/|$)/.test(path) ? "admin" : undefined;
}

/** Refuses a token that lacks the scope for a path. */
export function requireScope(caller: Caller, method: string, path: string): void {
  const category = scopeOf(path);
  const { scopes } = caller.token;
  if (category === undefined || scopes === null || scopes.includes("all")) return;
  const verb = method === "GET" || method === "HEAD" ? "read" : "write";
  if (scopes.includes(`write:${category}`) || scopes.includes(`${verb}:${category}`)) return;
  const needed = `required=[${verb}:${category}], token scope=${scopes.join(",")}`;
  throw new ApiError(403, `token does not have at least one of required scope(s), ${needed}`);
}

/** Who is calling; a token that does not exist is refused even where none is needed. */
function identify(c: Call, world: World, path: string): Caller | undefined {
  const caller = callerFrom(world.state, c.req.header("authorization"));
  if (caller === "invalid") throw new ApiError(401, "invalid username, password or token");
  if (caller?.user.mustChangePassword) {
    throw new ApiError(403, `You must change your password. Change it at: ${world.url}/user/change_password`);
  }
  if (caller) requireScope(caller, c.req.method, path);
  return caller;
}

/** Where a call to an old name of a repository is sent. */
function redirectOf(world: World, path: string): string | undefined {
  const [, kind, owner = "", name = ""] = path.split("/");
  if (kind !== "repos") return undefined;
  const from = `${owner}/${name}`.toLowerCase();
  const redirect = world.state.redirects.find((candidate) => candidate.from === from);
  const repository = world.state.repositories.find((candidate) => candidate.id === redirect?.repositoryId);
  if (!repository) return undefined;
  const to = fullName(world.state, repositoryOf(world.state, repository.id));
  return to.toLowerCase() === from ? undefined : `${BASE}${path.replace(`/repos/${owner}/${name}`, `/repos/${to}`)}`;
}

function answerError(world: World, error: unknown): Response {
  if (!(error instanceof ApiError)) throw error;
  if (!error.hasBody) return new Response(null, { status: error.status });
  const errors = error.errors === undefined ? {} : { errors: error.errors };
  const body = { ...errors, message: error.message, url: `${world.url}/api/swagger` };
  return Response.json(body, { status: error.status });
}

/** The API of a world. */
export function createApi(world: World): Api {
  const api: Api = new Hono<ApiEnvironment>().basePath(BASE);
  api.use("*", async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    const path = pathname.slice(BASE.length);
    c.header("Cache-Control", "max-age=0, private, must-revalidate, no-transform");
    c.set("caller", identify(c, world, path));
    const redirect = redirectOf(world, path);
    if (redirect) return c.redirect(`${redirect}${search}`, 301);
    await next();
    if (c.req.method !== "GET") world.save();
  });
  for (const addRoutes of ROUTES) addRoutes(api, world);
  api.onError((error) => answerError(world, error));
  return api;
}
