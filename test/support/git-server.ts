/** A real git server over HTTP with a password, for tests: `git http-backend` behind Node's server. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Sha } from "../../src/domain/ids.ts";

/** Files of a commit: text, or a link to somewhere, or `undefined` for a file that goes. */
export type Files = Readonly<Record<string, string | { readonly link: string } | undefined>>;

/** A server with one repository. */
export interface GitServer extends AsyncDisposable {
  readonly cloneUrl: string;
  readonly token: string;
  readonly login: string;
  /** Every `METHOD path?query` that was answered, with the Authorization header's presence. */
  readonly requests: { readonly line: string; readonly authorised: boolean }[];
  /** Makes a commit on a branch and returns it; a branch that does not exist starts at `parent`, or at nothing. */
  commit(branch: string, files: Files, parent?: Sha): Sha;
  /** The commit a branch is at. */
  head(branch: string): Sha | undefined;
  /** From now on every request is sent elsewhere. */
  redirectTo(origin: string | undefined): void;
  /** Git on the bare repository. */
  git(...args: readonly string[]): string;
}

const IDENTITY = ["-c", "user.name=dev", "-c", "user.email=dev@example.test"];
const ENVIRONMENT = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C" };

function gitIn(folder: string, args: readonly string[]): string {
  return execFileSync("git", [...IDENTITY, ...args], {
    cwd: folder,
    env: ENVIRONMENT,
    stdio: ["ignore", "pipe", "ignore"],
  })
    .toString()
    .trim();
}

function write(folder: string, files: Files): void {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    rmSync(file, { recursive: true, force: true });
    if (content === undefined) continue;
    mkdirSync(dirname(file), { recursive: true });
    if (typeof content !== "string") symlinkSync(content.link, file);
    else {
      writeFileSync(file, content);
      if (content.startsWith("#!")) chmodSync(file, 0o755);
    }
  }
}

async function serveGit(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, search } = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...ENVIRONMENT,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      REMOTE_USER: "steward",
      REQUEST_METHOD: request.method,
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(child, "close");
  const answer = Buffer.concat(chunks);
  const end = answer.indexOf("\r\n\r\n");
  for (const line of answer.toString("latin1", 0, end).split("\r\n")) {
    const [name = "", value = ""] = line.split(/: (.*)/s);
    if (name === "Status") response.statusCode = Number.parseInt(value, 10);
    else response.setHeader(name, value);
  }
  response.end(answer.subarray(end + 4));
}

/** Starts a server whose repository holds one commit on `main`. */
export async function startGitServer(files: Files): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), "steward-git-"));
  const bare = join(root, "acme", "widgets.git");
  const work = join(root, "work");
  mkdirSync(bare, { recursive: true });
  gitIn(bare, ["init", "--quiet", "--bare", "--initial-branch=main"]);
  gitIn(bare, ["config", "http.receivepack", "true"]);
  gitIn(root, ["init", "--quiet", "--initial-branch=main", work]);
  const [login, token] = ["steward", "token-0123456789abcdef"];
  const password = `Basic ${Buffer.from(`${login}:${token}`).toString("base64")}`;
  const requests: GitServer["requests"][number][] = [];
  let elsewhere: string | undefined;
  const server = createServer((request, response) => {
    const authorised = request.headers.authorization === password;
    if (elsewhere) return void response.writeHead(302, { Location: `${elsewhere}${request.url}` }).end();
    requests.push({ line: `${request.method} ${request.url}`, authorised });
    if (authorised) void serveGit(root, request, response);
    else response.writeHead(401, { "WWW-Authenticate": 'Basic realm="git"' }).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const head = (branch: string) =>
    Sha.safeParse(gitIn(bare, ["for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`])).data;
  const commit: GitServer["commit"] = (branch, changed, parent) => {
    const start = parent ?? head(branch);
    gitIn(work, ["fetch", "--quiet", bare, "+refs/heads/*:refs/remotes/bare/*"]);
    if (start) gitIn(work, ["checkout", "--quiet", "--force", "-B", "scratch", start]);
    write(work, changed);
    gitIn(work, ["add", "--all", "--force"]);
    gitIn(work, ["commit", "--quiet", "--allow-empty", "-m", `Change ${Object.keys(changed).slice(0, 3).join(", ")}`]);
    gitIn(work, ["push", "--quiet", "--force", bare, `HEAD:refs/heads/${branch}`]);
    return Sha.parse(gitIn(work, ["rev-parse", "HEAD"]));
  };
  commit("main", files);
  const { port } = server.address() as AddressInfo;
  return {
    ...{ token, login, requests, head, commit },
    cloneUrl: `http://127.0.0.1:${port}/acme/widgets.git`,
    redirectTo: (origin) => {
      elsewhere = origin;
    },
    git: (...args) => gitIn(bare, args),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true, force: true });
    },
  };
}
