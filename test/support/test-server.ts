/** What the suites need of a server, stand-in or real: an address, tokens, repositories. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

/** The users every server has: alice owns the repositories, bob and mallory come from outside, steward is the bot. */
export const TEST_USERS = ["alice", "bob", "mallory", "steward"] as const;
/** One of the users every server has. */
export type TestUser = (typeof TEST_USERS)[number];

/** A running server. */
export interface TestServer {
  /** For titles of tests, `stand-in gitea` or `real gitea 1.26.0`. */
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly adminToken: string;
  readonly tokens: Readonly<Record<TestUser, string>>;
  stop(): Promise<void>;
}

/** A repository to make; `main` holds these files and no others. */
export interface NewRepository {
  readonly owner?: TestUser;
  readonly name: string;
  /** What its default branch holds, by path; the server's own README.md unless given. */
  readonly files?: Readonly<Record<string, string>>;
  /** Permission by user; the bot is an administrator of it unless told otherwise. */
  readonly collaborators?: Readonly<Partial<Record<TestUser, "read" | "write" | "admin">>>;
}

const run = promisify(execFile);

/** Calls the server's API as the token's user; any other status than `2xx` rejects with what the server said. */
export async function callApi(
  server: Pick<TestServer, "url">,
  token: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { authorization: token.includes(" ") ? token : `token ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text.slice(0, 300)}`);
  return text === "" ? undefined : JSON.parse(text);
}

/** Makes a repository with files and collaborators, and returns its full name. */
export async function createRepository(server: TestServer, repository: NewRepository): Promise<string> {
  const { owner = "alice", name, files, collaborators = {} } = repository;
  const token = server.tokens[owner];
  await callApi(server, token, "POST", "/user/repos", { name, auto_init: true, default_branch: "main" });
  if (files) await pushFiles(server, token, `${owner}/${name}`, files);
  for (const [user, permission] of Object.entries({ steward: "admin", ...collaborators })) {
    if (user !== owner)
      await callApi(server, token, "PUT", `/repos/${owner}/${name}/collaborators/${user}`, { permission });
  }
  return `${owner}/${name}`;
}

/** The environment in which git sends the token to this server and asks nobody anything. */
export function gitEnvironment(token: string): NodeJS.ProcessEnv {
  const credentials = Buffer.from(`token:${token}`).toString("base64");
  return {
    PATH: process.env.PATH,
    HOME: tmpdir(),
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${credentials}`,
    GIT_AUTHOR_NAME: "Alice",
    GIT_AUTHOR_EMAIL: "alice@example.org",
    GIT_COMMITTER_NAME: "Alice",
    GIT_COMMITTER_EMAIL: "alice@example.org",
  };
}

async function pushFiles(
  server: TestServer,
  token: string,
  repository: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "steward-push-"));
  // A first commit made by the server, because an empty repository answers calls about contents with 500 until it has noticed its first push.
  const git = (...args: string[]) => run("git", args, { cwd: folder, env: gitEnvironment(token) });
  try {
    await git("clone", "--quiet", `${server.url}/${repository}.git`, ".");
    await git("rm", "--quiet", "-r", ".");
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    await git("add", "--all");
    await git("commit", "--quiet", "--allow-empty", "--message=Add the files");
    await git("push", "--quiet", "origin", "main");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
