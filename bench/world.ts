/** The whole loop as people run it: bot and runners as processes, Redis, and a stand-in Gitea that this process plays. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Redis } from "ioredis";
import { z } from "zod";
import { createForgeClient, type ForgeClient } from "../demo/forge-client.ts";
import { freePort } from "../demo/free-port.ts";
import { createStandInGitea, type StandInGitea } from "../demo/stand-in-gitea/stand-in-gitea.ts";
import { type RunId, TaskId } from "../src/domain/ids.ts";
import { Task, type TaskState } from "../src/domain/task.ts";
import { compileAhead, partProcess } from "../src/part-process.ts";
import { JobResult } from "../src/protocol/jobs.ts";
import { documentKey, runKey } from "../src/protocol/redis-layout.ts";
import { createProgram, type Program } from "../test/support/program.ts";
import { startRedis } from "../test/support/redis.ts";
import { until } from "./measure.ts";

/** The repository of all issues. */
export const REPOSITORY = "acme/widgets";
const SECRET = "a-webhook-secret-of-the-bench";
const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
/** Deliveries come a little late and out of order. */
const DELIVERY_DELAY_MS = [0, 50] as const;
const LOOK = { everyMs: 10, withinMs: 60_000 };

/** What a world is made of. */
export interface WorldOptions {
  /** `.gitea/steward.yml` of the repository. */
  readonly rules: string;
  /** The shell script that plays the agent. */
  readonly agent: string;
  readonly runners: number;
}

/** An ended or running run, as the ledger has it. */
export interface RunSeen {
  readonly state: string;
  readonly runner: string | undefined;
  readonly finishedAt: number | undefined;
  readonly result: JobResult | undefined;
}

/** All of it, running. */
export interface World extends AsyncDisposable {
  readonly standIn: StandInGitea;
  readonly bot: Program;
  readonly runners: readonly Program[];
  readonly redis: Redis;
  /** A person who may do everything. */
  readonly alice: ForgeClient;
  /** Opens an issue that is assigned to the bot. */
  assigned(): Promise<TaskId>;
  task(id: TaskId): Promise<Task | undefined>;
  reaches(id: TaskId, state: TaskState): Promise<Task>;
  run(task: TaskId, run: RunId): Promise<RunSeen>;
}

const Ledger = z.object({
  state: z.string().default("unknown"),
  runner: z.string().optional(),
  finishedAt: z.coerce.number().optional(),
  result: z
    .string()
    .transform((text) => JobResult.parse(JSON.parse(text)))
    .optional(),
});

function configuration(tools: string): string {
  return `agents:
  small: { driver: command, run: bench-agent, context: 200000, difficulty: high, price: { input: 0, output: 0 }, slots: 4 }
limits: { attempts: 50, step-up-after: 50 }
runner: { slots: 8, tools: [${JSON.stringify(tools)}] }
`;
}

/** The stand-in with its people, the repository, and the bot's webhook. */
async function playGitea(folder: string, port: number, rules: string): Promise<StandInGitea> {
  const standIn = await createStandInGitea({ folder, deliveryDelayMs: DELIVERY_DELAY_MS });
  for (const login of ["alice", "steward"]) standIn.addUser(login, { bot: login === "steward" });
  await standIn.addRepository(REPOSITORY, { files: { "README.md": "# Widgets\n", ".gitea/steward.yml": rules } });
  for (const login of ["alice", "steward"]) standIn.setPermission(REPOSITORY, login, "admin");
  standIn.addHook(REPOSITORY, { url: `http://127.0.0.1:${port}/webhook/gitea`, secret: SECRET });
  return standIn;
}

/** Starts everything but issues. */
export async function openWorld({ rules, agent, runners: count }: WorldOptions): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "steward-bench-world-"));
  const at = (name: string) => join(folder, name);
  const port = await freePort();
  await mkdir(join(at("agent"), "bin"), { recursive: true });
  const script = join(at("agent"), "bin", "bench-agent");
  await writeFile(script, agent);
  await chmod(script, 0o755);
  await chmod(folder, 0o755);
  await writeFile(at("steward.yml"), configuration(at("agent")));
  const standIn = await playGitea(at("gitea"), port, rules);
  const redisServer = await startRedis();
  const redis = redisServer.connect();
  // As `steward up` starts its parts.
  const { execArgv, env } = partProcess(at("data"), {});
  await compileAhead({ execArgv, env: { ...process.env, ...env } });
  const program = (name: string, words: readonly string[], data: string): Program => {
    return createProgram({
      name,
      argv: [process.execPath, ...execArgv, MAIN, ...words],
      logFile: at(`${name}.log`),
      env: {
        ...env,
        GITEA_URL: standIn.url,
        GITEA_TOKEN: standIn.tokenOf("steward") ?? "",
        GITEA_WEBHOOK_SECRET: SECRET,
        REDIS_URL: redisServer.url,
        PORT: `${port}`,
        STEWARD_DATA: at(data),
        STEWARD_CONFIG: at("steward.yml"),
      },
    });
  };
  const bot = program("bot", ["serve"], "data");
  const runners = Array.from({ length: count }, (_, nth) => program(`runner-${nth}`, ["runner"], `data-${nth}`));
  for (const part of [bot, ...runners]) part.start();
  await until(
    () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      ),
    LOOK,
  );
  await until(async () => ((await redis.zcard("steward:heartbeats")) >= count ? true : undefined), LOOK);
  const alice = createForgeClient(standIn.url, standIn.tokenOf("alice") ?? "", REPOSITORY);
  const task: World["task"] = async (id) => {
    const text = await redis.hget(documentKey(id), "text");
    return text === null ? undefined : Task.parse(JSON.parse(text));
  };
  return {
    ...{ standIn, bot, runners, redis, alice, task },
    async assigned() {
      const number = await alice.createIssue({ title: "Do it", body: "Please do it." });
      await alice.assign(number, "steward");
      return TaskId.parse(`${REPOSITORY}#${number}`);
    },
    reaches: (id, state) =>
      until(async () => {
        const found = await task(id);
        return found?.phase.state === state && !found.unpublished ? found : undefined;
      }, LOOK),
    run: async (id, run) => {
      const { state, runner, finishedAt, result } = Ledger.parse(await redis.hgetall(runKey(id, run)));
      return { state, runner, finishedAt, result };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([bot.stop(), ...runners.map((runner) => runner.stop())]);
      await standIn.close();
      await redisServer.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
