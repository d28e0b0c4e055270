/** Real git over HTTP: `git http-backend` behind the server's tokens and permissions. */
import { spawn } from "node:child_process";
import type { Hono } from "hono";
import { type Caller, callerFrom, can } from "./access.ts";
import { requireScope } from "./api.ts";
import { ApiError } from "./api-error.ts";
import { gitEnvironment } from "./git.ts";
import { listRefs } from "./git-repository.ts";
import { handleRefChange, refChangesFrom } from "./ref-changes.ts";
import type { ApiEnvironment, Call } from "./routes/call.ts";
import type { Repository } from "./state.ts";
import { findRepository, gitFolder, type World } from "./world.ts";

const RECEIVE = "git-receive-pack";

/** What a CGI program answered. */
interface BackendAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

function answerFrom(output: Buffer): BackendAnswer {
  const end = output.indexOf("\r\n\r\n");
  const lines = output.subarray(0, Math.max(0, end)).toString().split("\r\n");
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  const status = headers.find(([name]) => name.toLowerCase() === "status")?.[1];
  return {
    status: status ? Number.parseInt(status, 10) : 200,
    headers: headers.filter(([name]) => name !== "" && name.toLowerCase() !== "status"),
    body: output.subarray(end + 4),
  };
}

function runBackend(environment: Readonly<Record<string, string>>, body: Buffer): Promise<BackendAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["http-backend"], {
      env: gitEnvironment(environment),
      stdio: ["pipe", "pipe", "ignore"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", () => resolve(answerFrom(Buffer.concat(chunks))));
    // The backend may end before it has read everything, for example when it refuses.
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(body);
  });
}

function protectedBranches(world: World, repository: Repository): string {
  const rules = world.state.protections.filter((rule) => rule.repositoryId === repository.id && !rule.enablePush);
  return rules.map((rule) => rule.name).join(" ");
}

async function callBackend(
  c: Call,
  world: World,
  repository: Repository,
  caller: Caller | undefined,
): Promise<Response> {
  const url = new URL(c.req.url);
  const service = url.pathname.slice(url.pathname.lastIndexOf(".git/") + ".git".length);
  const body = c.req.method === "GET" ? Buffer.alloc(0) : Buffer.from(await c.req.arrayBuffer());
  const environment = {
    GIT_PROJECT_ROOT: gitFolder(world, repository),
    GIT_HTTP_EXPORT_ALL: "1",
    PATH_INFO: service,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: c.req.method,
    CONTENT_TYPE: c.req.header("content-type") ?? "",
    // No CONTENT_LENGTH: a backend that was told one reads for ever when this server is killed before it has sent everything.
    HTTP_CONTENT_ENCODING: c.req.header("content-encoding") ?? "",
    GIT_PROTOCOL: c.req.header("git-protocol") ?? "",
    STAND_IN_PROTECTED: protectedBranches(world, repository),
    ...(caller ? { REMOTE_USER: caller.user.login } : {}),
  };
  const { status, headers, body: output } = await runBackend(environment, body);
  return new Response(new Uint8Array(output), {
    status,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
}

function needsLogin(): Response {
  return new Response("Unauthorized\n", { status: 401, headers: { "WWW-Authenticate": 'Basic realm="Gitea"' } });
}

/** The repository of a git call and who makes it; refuses as Gitea does, so that git asks for credentials. */
function authorise(
  c: Call,
  world: World,
  isPush: boolean,
): { repository: Repository; caller: Caller | undefined } | Response {
  const caller = callerFrom(world.state, c.req.header("authorization"));
  if (caller === "invalid") return needsLogin();
  const name = `${c.req.param("owner")}/${c.req.param("repo")}`.replace(/\.git$/, "");
  const repository = findRepository(world.state, name);
  if (isPush && !caller) return needsLogin();
  if (!repository || !can(repository, caller?.user, "read")) {
    return caller ? new Response("Not found\n", { status: 404 }) : needsLogin();
  }
  if (caller) requireScope(caller, isPush ? "POST" : "GET", "/repos/owner/name");
  if (caller?.user.mustChangePassword || (isPush && !can(repository, caller?.user, "write"))) {
    return new Response("Forbidden\n", { status: 403 });
  }
  return { repository, caller };
}

/** Takes a push, and lets everything happen that follows from it before git is answered. */
async function receive(c: Call, world: World): Promise<Response> {
  const authorised = authorise(c, world, true);
  if (authorised instanceof Response) return authorised;
  const { repository, caller } = authorised;
  return world.withRefs(repository, async () => {
    const folder = gitFolder(world, repository);
    const before = await listRefs(folder);
    const answer = await callBackend(c, world, repository, caller);
    const changes = refChangesFrom(before, await listRefs(folder));
    for (const change of changes) if (caller) await handleRefChange(world, repository, change, caller.user);
    world.save();
    return answer;
  });
}

async function read(c: Call, world: World, isPush: boolean): Promise<Response> {
  const authorised = authorise(c, world, isPush);
  if (authorised instanceof Response) return authorised;
  return callBackend(c, world, authorised.repository, authorised.caller);
}

function refusalOf(error: unknown): Response {
  if (!(error instanceof ApiError)) throw error;
  return new Response(`${error.message}\n`, { status: error.status });
}

/** Adds the three routes of git's smart protocol. */
export function addGitRoutes(app: Hono<ApiEnvironment>, world: World): void {
  const path = "/:owner/:repo{.+\\.git}";
  app.get(`${path}/info/refs`, (c) => read(c, world, c.req.query("service") === RECEIVE).catch(refusalOf));
  app.post(`${path}/git-upload-pack`, (c) => read(c, world, false).catch(refusalOf));
  app.post(`${path}/${RECEIVE}`, (c) => receive(c, world).catch(refusalOf));
}
