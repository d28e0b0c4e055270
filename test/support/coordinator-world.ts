/** The coordinator with a forge in memory, a real Redis, and a runner whose jobs end as a test says. */
import { randomBytes } from "node:crypto";
import { pino } from "pino";
import { vi } from "vitest";
import { type Channel, createChannel } from "../../runners/channel/bullmq-channel.ts";
import type { RunContext } from "../../runners/jobs/run-context.ts";
import { createOutputLog } from "../../runners/output.ts";
import { createObey } from "../../src/commands/obey-comment.ts";
import { createSafeAdvance } from "../../src/coordinator/advance-safely.ts";
import type { Deps } from "../../src/coordinator/deps.ts";
import type { AgentProfiles } from "../../src/domain/agent-profile.ts";
import { type IssueRef, type RepositoryName, RunId, type Sha, taskIdFrom } from "../../src/domain/ids.ts";
import { Limits } from "../../src/domain/limits.ts";
import type { Task, TaskState } from "../../src/domain/task.ts";
import type { GateResult, IntegrityChange } from "../../src/domain/verdict.ts";
import { createMemoryForge, type MemoryForge } from "../../src/gitea/memory-forge.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import type { GateJob, Job, JobResult, SessionJob, SessionResult } from "../../src/protocol/jobs.ts";
import { runKey } from "../../src/protocol/redis-layout.ts";
import { LOSE_RUN } from "../../src/protocol/run-ledger.ts";
import { createRedisTaskQueue } from "../../src/queue/redis-task-queue.ts";
import { createRedisTaskStore } from "../../src/queue/redis-task-store.ts";
import { startRedis, type TestRedis } from "./redis.ts";

const log = pino({ level: process.env.TEST_LOG ?? "silent" });
const WAIT = { timeout: 45_000, interval: 15 };

/** What a session does: files it leaves (none: no work) and how it ends. */
export interface SessionScript {
  readonly writes?: Readonly<Record<string, string>>;
  readonly ends?: Partial<SessionResult>;
}

/** What a gate says of a commit; passed when nothing is said. */
export type GateScript = (job: GateJob, nth: number) => Partial<GateResult> | undefined;

export interface WorldScript {
  readonly sessions?: (job: SessionJob, nth: number) => SessionScript | "never ends";
  readonly gates?: GateScript;
  /** Whose runner falls silent before it comes to anything. */
  readonly loses?: (job: Job) => boolean;
  readonly integrity?: readonly IntegrityChange[];
  /** Why no branch can be inspected. */
  readonly inspectionFails?: string;
  readonly profiles?: AgentProfiles;
  readonly limits?: Partial<Limits>;
  readonly files?: Readonly<Record<string, string>>;
  /** The forge's clock. */
  readonly clock?: Clock;
  /** Lets the bot see the forge through something that happens in between. */
  readonly through?: (forge: MemoryForge["forge"]) => MemoryForge["forge"];
}

export const RULES = "gates:\n  build: { run: npm run build }\n  test: { run: npm test }\n";

export const FREE = { input: 0, output: 0 };
export const TWO_PROFILES: AgentProfiles = {
  small: { driver: "command", run: "small", context: 200_000, difficulty: "medium", price: FREE, slots: 2 },
  large: {
    driver: "command",
    run: "large",
    context: 200_000,
    difficulty: "high",
    price: { input: 5, output: 25 },
    slots: 1,
  },
};

export interface World extends AsyncDisposable {
  readonly forge: MemoryForge["forge"];
  readonly acts: MemoryForge["acts"];
  readonly deps: Deps;
  readonly redis: TestRedis;
  readonly repository: RepositoryName;
  /** Sessions in the order in which they started. */
  readonly sessions: SessionJob[];
  readonly gates: GateJob[];
  openIssue(body?: string, title?: string): Promise<IssueRef>;
  /** Opens an issue that is assigned to the bot. */
  assigned(body?: string, title?: string): Promise<IssueRef>;
  task(issue: IssueRef): Promise<Task | undefined>;
  /** What a webhook or the reconciliation would do. */
  poke(issue: IssueRef): Promise<void>;
  until(issue: IssueRef, state: TaskState): Promise<Task>;
  /** Resolves when the task has nothing left to publish and waits. */
  quiet(issue: IssueRef): Promise<void>;
  comments(issue: IssueRef): Promise<readonly string[]>;
}

/** A world in which the bot `steward` serves `acme/widgets`. */
export async function createWorld(script: WorldScript = {}): Promise<World> {
  const redis = await startRedis();
  const memory = createMemoryForge(script.clock ? { clock: script.clock } : {});
  const { forge, acts } = memory;
  const repository = await acts.addRepository("acme/widgets", script.files ?? { ".gitea/steward.yml": RULES });
  await acts.setPermission(repository, "alice", "write");
  await acts.setPermission(repository, "bob", "read");
  const queue = createRedisTaskQueue(redis.connect(), systemClock, log);
  const limits = Limits.parse(script.limits ?? {});
  const profiles = script.profiles ?? TWO_PROFILES;
  const instance = { profiles, limits, publicUrl: "http://steward.example", clock: systemClock };
  const deps: Deps = {
    ...instance,
    forge: script.through?.(forge) ?? forge,
    queue,
    store: createRedisTaskStore(redis.connect(), log),
    obey: createObey(instance),
    log,
    markerKeys: ["a key that signs markers in this test"],
    ignoredLogins: ["other-bot"],
    newRunId: () => RunId.parse(randomBytes(16).toString("hex")),
  };
  const sessions: SessionJob[] = [];
  const gates: GateJob[] = [];
  const gateCounts = new Map<string, number>();

  async function session(job: SessionJob, { signal }: RunContext): Promise<JobResult> {
    sessions.push(job);
    const does = script.sessions?.(job, sessions.length) ?? { writes: { "work.txt": `${sessions.length}` } };
    if (does === "never ends")
      return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("stopped"))));
    const head = does.writes ? await acts.push(job.repository, "steward", job.branch, does.writes) : job.branchHead;
    return {
      kind: "session",
      outcome: "claimed",
      summary: "",
      changed: does.writes !== undefined,
      ...(head ? { head } : {}),
      refused: [],
      durationMs: 10,
      ...does.ends,
    };
  }

  function gate(job: GateJob): JobResult {
    gates.push(job);
    const nth = (gateCounts.get(job.gate.name) ?? 0) + 1;
    gateCounts.set(job.gate.name, nth);
    const result: GateResult = {
      gate: job.gate.name,
      outcome: "passed",
      summary: "passed",
      command: job.gate.steps.at(-1) ?? "",
      findings: [],
      excerpt: "",
      durationMs: 10,
      reused: false,
      run: job.run,
      refusedHosts: [],
      ...script.gates?.(job, nth),
    };
    return { kind: "gate", result };
  }

  /** What the bot does when a runner falls silent. */
  async function lose({ task, run }: Job): Promise<never> {
    await redis.connect().eval(LOSE_RUN, 1, runKey(task, run), "simulated", "it is gone", "0");
    await queue.requestAdvance(task);
    throw new Error("nobody hears this any more");
  }

  async function execute(context: RunContext): Promise<JobResult> {
    const { job } = context;
    if (script.loses?.(job)) return lose(job);
    if (job.kind === "session") return session(job, context);
    if (job.kind === "gate") return gate(job);
    const { integrity = [], inspectionFails: summary } = script;
    if (summary) return { kind: "inspection", outcome: "error", summary, integrity: [] };
    return { kind: "inspection", outcome: "inspected", summary: "", integrity: [...integrity] };
  }

  const channel: Channel = createChannel({
    redis: redis.connect(),
    status: {
      id: "simulated",
      protocol: 1,
      labels: [],
      slots: 8,
      sandbox: "simulated",
      workspace: "none",
      startedAt: 0,
    },
    execute,
    openOutput: (sink) => createOutputLog({ secrets: [], limitBytes: 1_000_000, sink }),
    log,
  });
  await channel.start();
  queue.work(createSafeAdvance(deps));

  const world: World = {
    forge,
    acts,
    deps,
    redis,
    repository,
    sessions,
    gates,
    openIssue: (body = "Do it.", title = "Retry uploads") => acts.openIssue(repository, { by: "alice", title, body }),
    async assigned(body, title) {
      const issue = await world.openIssue(body, title);
      await acts.setAssignees(issue, "alice", ["steward"]);
      await world.poke(issue);
      return issue;
    },
    task: (issue) => deps.store.read(taskIdFrom(issue)),
    poke: (issue) => queue.requestAdvance(taskIdFrom(issue)),
    until(issue, state) {
      return vi.waitFor(async () => {
        const task = await world.task(issue);
        if (task?.phase.state !== state || task.unpublished) throw new Error(`${task?.phase.state}: ${task?.reason}`);
        return task;
      }, WAIT);
    },
    async quiet(issue) {
      await vi.waitFor(async () => {
        const before = await world.task(issue);
        await world.poke(issue);
        await queueIsIdle(redis);
        const after = await world.task(issue);
        if (before?.version !== after?.version || after?.unpublished) throw new Error("still moving");
      }, WAIT);
    },
    async comments(issue) {
      return (await forge.listComments(issue)).map((comment) => comment.body);
    },
    async [Symbol.asyncDispose]() {
      await channel.stop("shutdown");
      await queue.close();
      await redis.stop();
    },
  };
  return world;
}

async function queueIsIdle(redis: TestRedis): Promise<void> {
  const client = redis.connect();
  await vi.waitFor(async () => {
    const [waiting, active] = await Promise.all([
      client.llen("steward-queue:advance:wait"),
      client.llen("steward-queue:advance:active"),
    ]);
    if (waiting + active > 0) throw new Error("advances wait");
  }, WAIT);
}

/** The head of a branch that must be there. */
export async function headOf(world: World, branch: string): Promise<Sha> {
  const head = await world.forge.readBranch(world.repository, branch);
  if (!head) throw new Error(`there is no branch ${branch}`);
  return head;
}
