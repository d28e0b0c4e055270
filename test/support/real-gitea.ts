/**
 * A real Gitea on loopback with SQLite in a folder of its own, or one that runs already.
 *
 * `GITEA_URL` with `GITEA_ADMIN_TOKEN` (scope all) and `GITEA_BOT_TOKEN` (of the bot's user, `steward`) names a running server. Its users alice, bob and
 * mallory are made or get new passwords: never point it at a server that people use.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";
import { freePort } from "../../demo/free-port.ts";
import { type GiteaProgram, obtainGitea } from "./gitea-program.ts";
import { recordProof } from "./proved.ts";
import { callApi, type TestServer, type TestUser } from "./test-server.ts";

/** Choices for a server that is started. */
export interface GiteaOptions {
  /** Where its data goes; a temporary folder by default, which `stop` removes. */
  readonly folder?: string;
  readonly program?: GiteaProgram;
  /** Whether webhooks may go to 127.0.0.1; Gitea's own default is no. */
  readonly allowLoopbackHooks?: boolean;
  /** More lines for app.ini, sections and keys. */
  readonly ini?: string;
}

/** A real Gitea and its version. */
export interface RealGitea extends TestServer {
  readonly version: string;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;
const BOT_SCOPES = ["write:issue", "write:repository", "read:user", "read:organization"];
const PEOPLE: readonly TestUser[] = ["alice", "bob", "mallory"];
const Version = z.object({ version: z.string() });
const Token = z.object({ sha1: z.string() });

const run = promisify(execFile);

/** The server that `GITEA_URL` names, or else one started for the caller. */
export async function openRealGitea(options: GiteaOptions = {}): Promise<RealGitea> {
  const { GITEA_URL: url, GITEA_ADMIN_TOKEN: admin, GITEA_BOT_TOKEN: bot } = process.env;
  if (!url || !admin) return startGitea(options);
  if (!bot) throw new Error("GITEA_URL and GITEA_ADMIN_TOKEN name a server for tests: set GITEA_BOT_TOKEN as well.");
  return describeServer(url.replace(/\/$/, ""), admin, bot, () => Promise.resolve());
}

/** Starts a fresh server with the users of the suites. */
export async function startGitea(options: GiteaOptions = {}): Promise<RealGitea> {
  const program = options.program ?? (await obtainGitea());
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "steward-gitea-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  writeConfiguration(folder, port, program, options);
  const server = startProgram(folder, program);
  const stop = () => stopProgram(server, options.folder ? undefined : folder);
  try {
    await untilHealthy(url, server, folder);
    const admin = await createUser(folder, program, [
      "root1",
      "--admin",
      "--access-token",
      "--access-token-scopes",
      "all",
    ]);
    await createUser(folder, program, ["steward", "--user-type", "bot"]);
    await callApi({ url }, admin, "PATCH", "/admin/users/steward", {
      login_name: "steward",
      source_id: 0,
      must_change_password: false, // A bot user is made with the flag set, and every call would be answered 403.
    });
    const bot = await createToken(url, basic("root1", "password-of-root1"), "steward", BOT_SCOPES);
    return await describeServer(url, admin, bot, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function describeServer(
  url: string,
  adminToken: string,
  botToken: string,
  stop: () => Promise<void>,
): Promise<RealGitea> {
  const { version } = Version.parse(await callApi({ url }, adminToken, "GET", "/version"));
  const name = `real gitea ${version}`;
  const [alice, bob, mallory] = await Promise.all(PEOPLE.map((login) => ensurePerson(url, adminToken, login)));
  if (!alice || !bob || !mallory) throw new Error("The server gave no tokens for its users.");
  recordProof("gitea", name);
  return { name, url, version, adminToken, tokens: { alice, bob, mallory, steward: botToken }, stop };
}

async function ensurePerson(url: string, adminToken: string, login: string): Promise<string> {
  const password = randomBytes(16).toString("hex");
  const known = await fetch(`${url}/api/v1/users/${login}`, { headers: { authorization: `token ${adminToken}` } });
  const body = { password, must_change_password: false, login_name: login, source_id: 0 };
  if (known.ok) await callApi({ url }, adminToken, "PATCH", `/admin/users/${login}`, body);
  else
    await callApi({ url }, adminToken, "POST", "/admin/users", {
      ...body,
      username: login,
      email: `${login}@example.org`,
    });
  return createToken(url, basic(login, password), login, ["all"]);
}

async function createToken(url: string, as: string, login: string, scopes: readonly string[]): Promise<string> {
  const name = `tests-${randomBytes(6).toString("hex")}`;
  return Token.parse(await callApi({ url }, as, "POST", `/users/${login}/tokens`, { name, scopes })).sha1;
}

function basic(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
}

async function createUser(
  folder: string,
  program: GiteaProgram,
  [login = "", ...flags]: readonly string[],
): Promise<string> {
  const bot = flags.includes("bot");
  const password = bot ? [] : ["--password", `password-of-${login}`, "--must-change-password=false"];
  const args = [
    "admin",
    "user",
    "create",
    "--username",
    login,
    "--email",
    `${login}@example.org`,
    ...password,
    ...flags,
  ];
  const { stdout } = await run(program.binary, ["-c", join(folder, "app.ini"), ...args], { env: environment(folder) });
  return /[0-9a-f]{40}/.exec(stdout)?.[0] ?? "";
}

function startProgram(folder: string, program: GiteaProgram): ChildProcess {
  const child = spawn(program.binary, ["-c", join(folder, "app.ini"), "web"], {
    env: environment(folder),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const log = createWriteStream(join(folder, "web.log"));
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.on("close", () => log.end());
  return child;
}

async function untilHealthy(url: string, server: ChildProcess, folder: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline && server.exitCode === null) {
    const answer = await fetch(`${url}/api/v1/version`).catch(() => undefined);
    if (answer?.ok) return;
    await wait(50);
  }
  const log = readFileSync(join(folder, "web.log"), "utf8").slice(-2000);
  throw new Error(`Gitea did not start within ${START_TIMEOUT_MS / 1000} s. The end of its log:\n${log}`);
}

async function stopProgram(server: ChildProcess, folder: string | undefined): Promise<void> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = once(server, "exit");
    server.kill("SIGTERM");
    const late = setTimeout(() => server.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  }
  if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: join(folder, "home"),
    GITEA_WORK_DIR: folder,
    GITEA_I_AM_BEING_UNSAFE_RUNNING_AS_ROOT: "true",
  };
}

function writeConfiguration(folder: string, port: number, program: GiteaProgram, options: GiteaOptions): void {
  for (const name of ["custom/conf", "repositories", "home"]) mkdirSync(join(folder, name), { recursive: true });
  const hooks = (options.allowLoopbackHooks ?? true) ? "ALLOWED_HOST_LIST = loopback" : "";
  writeFileSync(
    join(folder, "app.ini"),
    `APP_NAME = Gitea
RUN_MODE = prod
RUN_USER = ${userInfo().username}
WORK_PATH = ${folder}
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[database]
DB_TYPE = sqlite3
PATH = ${join(folder, "gitea.db")}
SQLITE_JOURNAL_MODE = WAL
[security]
INSTALL_LOCK = true
SECRET_KEY = only-for-tests
PASSWORD_HASH_ALGO = pbkdf2_v1
[server]
PROTOCOL = http
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = http://127.0.0.1:${port}/
STATIC_ROOT_PATH = ${program.source}
DISABLE_SSH = true
OFFLINE_MODE = true
LFS_START_SERVER = false
[service]
DISABLE_REGISTRATION = true
DEFAULT_ENABLE_DEPENDENCIES = true
ENABLE_NOTIFY_MAIL = false
[webhook]
${hooks}
DELIVER_TIMEOUT = 5
[indexer]
ISSUE_INDEXER_TYPE = db
[actions]
ENABLED = false
[log]
MODE = console
LEVEL = Warn
[repository]
ROOT = ${join(folder, "repositories")}
DEFAULT_BRANCH = main
[session]
PROVIDER = memory
${options.ini ?? ""}
`,
  );
}
