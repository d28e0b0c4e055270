/** Bot, runner, Redis and a stand-in Gitea as processes that can be killed, each in one temporary folder. */
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { freePort } from "../../demo/free-port.ts";
import { createProgram, type End, type Program } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type AgentRecords, readAgentRecords } from "./agent-records.ts";
import { FAULT_ISSUES, type FaultIssue, GATES } from "./cast.ts";

/**
 * Parts are started again and again here: what was compiled is kept for all of them. Their lines are not counted: what is killed tells nothing of them, and
 * counting would keep the compiler busy.
 */
const QUICK_START = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url)),
  NODE_V8_COVERAGE: undefined,
};
const SECRET = "a-webhook-secret-of-the-faults";
/** The repository of all issues. */
export const REPOSITORY = "acme/widgets";

const STARTED = z.object({ url: z.string(), tokens: z.record(z.string(), z.string()) });

const RULES = JSON.stringify({
  gates: Object.fromEntries(Object.entries(GATES).map(([name, run]) => [name, { run }])),
});

/** What a world starts with. */
export interface StageOptions {
  readonly seed: number;
  /** Hooks that tell the bot of the same facts: 0 loses every delivery, 3 brings each three times, out of order. */
  readonly hooks?: number;
  readonly cast?: readonly FaultIssue[];
  /** The share of Gitea's calls that fail between two SIGUSR2. */
  readonly failShare?: number;
  /** Which of them: those of its API, or git's. */
  readonly failCalls?: "api" | "git";
  /** What the runner's command is started by, given the data folder. */
  readonly startRunnerBy?: (data: string) => readonly [string, ...string[]];
  /** More of the environment of a part, which may keep something in a file of that name. */
  readonly clockOf?: (part: PartName, file: string) => Readonly<Record<string, string>>;
}

/** The processes of a world. */
export type PartName = "gitea" | "redis" | "bot" | "runner";

/** All that surrounds the bot: a stand-in Gitea that runs, and agents that record themselves. */
export interface Stage {
  readonly cast: readonly FaultIssue[];
  readonly folder: string;
  readonly giteaUrl: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly agents: AgentRecords;
  readonly gitea: Program;
  /** The environment of `steward`. */
  readonly environment: Readonly<Record<string, string>>;
  program(name: string, argv: readonly [string, ...string[]], env?: Readonly<Record<string, string>>): Program;
  /** Removes what is left after everything was ended. */
  clear(): Promise<void>;
}

/** The pieces that can be killed, with Redis and runner as processes of their own. */
export interface FaultWorld extends Stage, AsyncDisposable {
  readonly redisUrl: string;
  /** In the order in which they are started. */
  readonly programs: Readonly<Record<PartName, Program>>;
  /** SIGTERM for all, the others before Redis and Gitea; gives how bot and runner ended. */
  stop(): Promise<readonly End[]>;
}

/** A program of ours, from this folder. */
export function script(path: string): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(path, import.meta.url))];
}

async function firstWords(gitea: Program): Promise<z.infer<typeof STARTED>> {
  const line = await waitUntil(
    () => {
      const [first = "", ...others] = gitea.words().split("\n");
      if (others.length === 0) throw new Error("the stand-in says nothing");
      return first;
    },
    { timeout: 60_000, interval: 20 },
  );
  return STARTED.parse(JSON.parse(line));
}

function seedData(port: number, hooks: number) {
  const hook = { url: `http://127.0.0.1:${port}/webhook/gitea`, secret: SECRET };
  const repository = {
    name: REPOSITORY,
    files: { "README.md": "# Widgets\n", ".gitea/steward.yml": RULES },
    permissions: { alice: "admin", steward: "admin" },
    hooks: Array.from({ length: hooks }, () => hook),
  };
  return { users: [{ login: "alice" }, { login: "steward", bot: true }], repositories: [repository] };
}

function configuration(tools: string): string {
  return `agents:
  small: { driver: command, run: fault-agent, context: 200000, difficulty: medium, price: { input: 0, output: 0 }, slots: 2 }
runner: { slots: 4, tools: [${JSON.stringify(tools)}] }
`;
}

/** Starts Gitea, and prepares the rest. */
export async function openStage({
  seed,
  hooks = 1,
  cast = FAULT_ISSUES,
  failShare = 0,
  failCalls = "api",
  clockOf,
}: StageOptions): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "steward-faults-"));
  const at = (name: string) => join(folder, name);
  const [giteaPort, port] = [await freePort(), await freePort()];
  await cp(fileURLToPath(new URL("./agent", import.meta.url)), at("agent"), { recursive: true });
  const agents = readAgentRecords(join(at("agent"), "records"));
  await writeFile(at("seed.json"), JSON.stringify(seedData(port, hooks)));
  await writeFile(at("steward.yml"), configuration(at("agent")));
  const program: Stage["program"] = (name, argv, env = {}) =>
    createProgram({ name, argv, env: { ...QUICK_START, ...env }, logFile: at(`${name}.log`) });
  const giteaArguments = [
    ...["--folder", at("gitea"), "--port", `${giteaPort}`, "--data", at("seed.json"), "--seed", `${seed}`],
    ...["--fail-share", `${failShare}`, "--fail-calls", failCalls],
  ];
  const standIn = [...script("../../demo/stand-in-gitea/main.ts"), ...giteaArguments] as const;
  const gitea = program("gitea", standIn, clockOf?.("gitea", at("gitea.clock")));
  gitea.start();
  const { url: giteaUrl, tokens } = await firstWords(gitea);
  const environment = {
    GITEA_URL: giteaUrl,
    GITEA_TOKEN: tokens.steward ?? "",
    GITEA_WEBHOOK_SECRET: SECRET,
    PORT: `${port}`,
    STEWARD_DATA: at("data"),
    STEWARD_CONFIG: at("steward.yml"),
    LOG_LEVEL: "debug",
  };
  return {
    ...{ cast, folder, giteaUrl, tokens, agents, gitea, environment, program },
    async clear() {
      agents.close();
      if (process.env.KEEP_FAULT_WORLD === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Starts everything but the issues. */
export async function openFaultWorld(options: StageOptions): Promise<FaultWorld> {
  const stage = await openStage(options);
  const { folder, gitea, program } = stage;
  const clockOf = (part: PartName) => options.clockOf?.(part, join(folder, `${part}.clock`));
  const redisFolder = join(folder, "redis");
  await mkdir(redisFolder);
  const redisUrl = join(redisFolder, "redis.sock");
  const redisPlace = ["--port", "0", "--unixsocket", redisUrl, "--dir", redisFolder];
  const redis = program(
    "redis",
    ["redis-server", ...redisPlace, "--save", "", "--appendonly", "yes"],
    clockOf("redis"),
  );
  const env = { ...stage.environment, REDIS_URL: redisUrl };
  const bot = program("bot", script("./bot.ts"), { ...env, ...clockOf("bot") });
  const command = [...script("../../src/main.ts"), "runner"] as const;
  const startedBy = options.startRunnerBy?.(join(folder, "data"));
  const runnerWords = startedBy ? ([...startedBy, ...command] as const) : command;
  const runner = program("runner", runnerWords, { ...env, ...clockOf("runner") });
  for (const part of [redis, bot, runner]) part.start();
  const programs = { gitea, redis, bot, runner };
  return {
    ...stage,
    redisUrl,
    programs,
    async stop() {
      const codes = await Promise.all([bot.stop(), runner.stop()]);
      await Promise.all([redis.stop(), gitea.stop()]);
      return codes;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(Object.values(programs).map((part) => part.kill()));
      await stage.clear();
    },
  };
}
