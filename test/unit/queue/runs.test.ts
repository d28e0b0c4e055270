/** Runs from the bot to a runner and back, on a real Redis: claimed once, cancelled, lost, fenced. */
import { Worker } from "bullmq";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Channel, createChannel } from "../../../runners/channel/bullmq-channel.ts";
import type { RunContext } from "../../../runners/jobs/run-context.ts";
import { createOutputLog } from "../../../runners/output.ts";
import { RepositoryName, Sha, TaskId } from "../../../src/domain/ids.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { InspectionJob, JobResult } from "../../../src/protocol/jobs.ts";
import {
  HEARTBEATS_KEY,
  jobQueueName,
  LOG_STREAM,
  QUEUE_PREFIX,
  runKey,
  runnerKey,
} from "../../../src/protocol/redis-layout.ts";
import { createRedisTaskQueue, type RedisTaskQueue } from "../../../src/queue/redis-task-queue.ts";
import { createRedisTaskStore } from "../../../src/queue/redis-task-store.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { runId, taskWith } from "../../support/sample-task.ts";

const TASK = TaskId.parse("acme/widgets#42");
const SHA = Sha.parse("a".repeat(40));
const RESULT: JobResult = { kind: "inspection", outcome: "inspected", summary: "", integrity: [] };
const SECRET = "a-known-secret-value";
const log = pino({ level: "silent" });

function job(n: number, changes: Partial<InspectionJob> = {}): InspectionJob {
  return {
    kind: "inspection",
    run: runId(n),
    task: TASK,
    repository: RepositoryName.parse("acme/widgets"),
    cloneUrl: "http://127.0.0.1/acme/widgets.git",
    runsOn: [],
    sha: SHA,
    base: SHA,
    ...changes,
  };
}

let redis: TestRedis;
let queue: RedisTaskQueue;
let channels: Channel[];
let advanced: TaskId[];

beforeEach(async () => {
  redis = await startRedis();
  queue = createRedisTaskQueue(redis.connect(), systemClock, log);
  channels = [];
  advanced = [];
});

afterEach(async () => {
  await Promise.all(channels.map((channel) => channel.stop("shutdown")));
  await queue.close();
  await redis.stop();
});

async function runner(
  id: string,
  execute: (context: RunContext) => Promise<JobResult>,
  options: { readonly slots?: number; readonly labels?: readonly string[] } = {},
): Promise<Channel> {
  const { slots = 2, labels = [] } = options;
  const channel = createChannel({
    redis: redis.connect(),
    status: { id, protocol: 1, labels: [...labels], slots, sandbox: "simulated", workspace: "none", startedAt: 0 },
    execute,
    openOutput: (sink) => createOutputLog({ secrets: [SECRET], limitBytes: 1_000_000, sink }),
    log,
  });
  channels.push(channel);
  await channel.start();
  return channel;
}

/** Runs until it is stopped from outside. */
function untilStopped(reasons: unknown[]): (context: RunContext) => Promise<JobResult> {
  return ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        reasons.push(signal.reason);
        reject(new Error("stopped"));
      });
    });
}

async function stateOf(n: number): Promise<string> {
  return (await queue.readRun(TASK, runId(n))).state;
}

test("a run is executed once, its result is readable and its task is advanced", async () => {
  let executions = 0;
  queue.work(async (task) => void advanced.push(task));
  await runner("one", async () => {
    executions += 1;
    return RESULT;
  });
  await queue.startRun(job(1), 0);
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () =>
    expect(await queue.readRun(TASK, runId(1))).toMatchObject({ state: "finished", result: RESULT }),
  );
  await queue.startRun(job(1), 0);
  await queue.startRun(job(2), 0);
  await vi.waitFor(async () => expect(await stateOf(2)).toBe("finished"));
  expect(executions).toBe(2);
  await vi.waitFor(() => expect(advanced).toContain(TASK));
});

test("a run is given out for the document that asks for it, not for one that went on", async () => {
  const store = createRedisTaskStore(redis.connect(), log);
  const asking = await store.write({ ...taskWith(), id: TASK, version: 0 });
  if (!asking) throw new Error("the first write must succeed");
  await store.write(asking);
  await queue.startRun(job(1), asking.version);
  expect(await stateOf(1)).toBe("unknown");
  await queue.startRun(job(1), asking.version + 1);
  expect(await stateOf(1)).toBe("waiting");
});

test("nobody knows a run that was never started", async () => {
  expect(await stateOf(1)).toBe("unknown");
});

test("a run that waits and is cancelled never starts", async () => {
  await queue.startRun(job(1), 0);
  await queue.cancelRun(TASK, runId(1));
  let executions = 0;
  await runner("one", async () => {
    executions += 1;
    return RESULT;
  });
  await queue.startRun(job(2), 0);
  await vi.waitFor(async () => expect(await stateOf(2)).toBe("finished"));
  expect(await stateOf(1)).toBe("cancelled");
  expect(executions).toBe(1);
});

test("a run that is cancelled while it runs is stopped, and what it reports is refused", async () => {
  const reasons: unknown[] = [];
  await runner("one", ({ signal }) => {
    return new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        reasons.push(signal.reason);
        resolve(RESULT);
      });
    });
  });
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("running"));
  await queue.cancelRun(TASK, runId(1));
  await vi.waitFor(() => expect(reasons).toEqual(["cancelled"]));
  expect(await stateOf(1)).toBe("cancelled");
});

test("a job for labels that no runner has says so, and a runner with them takes it", async () => {
  await runner("plain", async () => RESULT);
  await queue.startRun(job(1, { runsOn: ["linux", "gpu"] }), 0);
  expect(await queue.readRun(TASK, runId(1))).toEqual({ state: "waiting", unmatched: true });
  await runner("labelled", async () => RESULT, { labels: ["gpu", "linux", "large"] });
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("finished"), { timeout: 5_000 });
});

test("a runner whose status cannot be read hides no other", async () => {
  const client = redis.connect();
  await client.zadd(HEARTBEATS_KEY, Date.now(), "odd", Date.now(), "older");
  await client.mset({ [runnerKey("odd")]: "{ cut off", [runnerKey("older")]: JSON.stringify({ id: "older" }) });
  await runner("labelled", async () => RESULT, { labels: ["gpu"] });
  expect((await queue.listRunners()).map(({ id }) => id)).toEqual(["labelled"]);
  await queue.startRun(job(1, { runsOn: ["gpu"] }), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("finished"), { timeout: 5_000 });
});

test("a run whose result cannot be read is lost, not waited for", async () => {
  await runner("one", async () => RESULT);
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("finished"));
  await redis.connect().hset(runKey(TASK, runId(1)), "result", "{ cut off");
  expect(await queue.readRun(TASK, runId(1))).toMatchObject({ state: "lost", handedBack: false });
});

test("a run that ended is remembered at least as long as one that waits, or it would be given out again", async () => {
  const client = redis.connect();
  const until = (n: number) => client.expiretime(runKey(TASK, runId(n)));
  await queue.startRun(job(1), 0);
  await queue.startRun(job(2), 0);
  const waiting = await until(1);
  expect(waiting).toBeGreaterThan(0);
  await queue.cancelRun(TASK, runId(2));
  expect(await until(2)).toBeGreaterThanOrEqual(waiting);
  await runner("one", async () => RESULT);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("finished"));
  expect(await until(1)).toBeGreaterThanOrEqual(waiting);
  await queue.startRun(job(3), 0);
  await vi.waitFor(async () => expect(await stateOf(3)).toBe("finished"));
});

test("a runner takes no more jobs at once than it has slots, whatever queue they come from", async () => {
  let running = 0;
  let most = 0;
  const labels = ["linux"];
  await runner(
    "one",
    async ({ isCurrent }) => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < 5; turn += 1) await isCurrent();
      running -= 1;
      return RESULT;
    },
    { slots: 2, labels },
  );
  const numbers = Array.from({ length: 12 }, (_value, index) => index + 1);
  await Promise.all(numbers.map((n) => queue.startRun(job(n, n % 2 === 0 ? { runsOn: labels } : {}), 0)));
  await vi.waitFor(async () => expect(await Promise.all(numbers.map(stateOf))).toEqual(numbers.map(() => "finished")), {
    timeout: 10_000,
  });
  expect(most).toBe(2);
});

test("the runs of a runner that falls silent are lost, and its late result is refused", async () => {
  queue.work(async (task) => void advanced.push(task));
  let finish: (result: JobResult) => void = () => undefined;
  await runner("silent", () => new Promise((resolve) => (finish = resolve)));
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("running"));
  advanced = [];
  const spy = redis.connect();
  await spy.zadd(HEARTBEATS_KEY, 1, "silent");
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("lost"), { timeout: 3_000 });
  await vi.waitFor(() => expect(advanced).toContain(TASK));
  finish(RESULT);
  await vi.waitFor(async () => expect(await spy.zscore(HEARTBEATS_KEY, "silent")).not.toBeNull(), { timeout: 3_000 });
  expect(await stateOf(1)).toBe("lost");
});

test("a runner that finds Redis emptied stops what it runs", async () => {
  const reasons: unknown[] = [];
  await runner("one", untilStopped(reasons));
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("running"));
  await redis.connect().flushall();
  await vi.waitFor(() => expect(reasons).toEqual(["fenced"]), { timeout: 4_000 });
});

test("a runner that is stopped hands its run back as lost", async () => {
  const reasons: unknown[] = [];
  const channel = await runner("one", untilStopped(reasons));
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("running"));
  await channel.stop("shutdown");
  channels = [];
  expect(reasons).toEqual(["shutdown"]);
  expect(await queue.readRun(TASK, runId(1))).toEqual({ state: "lost", reason: "stopped: shutdown", handedBack: true });
  expect(await queue.listRunners()).toEqual([]);
});

test("a job whose runner died before it claimed the run is given to the next runner", async () => {
  queue.work(async () => queue.startRun(job(1), 0));
  await queue.startRun(job(1), 0);
  const dying = new Worker(jobQueueName(""), null, {
    connection: redis.connect(),
    prefix: QUEUE_PREFIX,
    lockDuration: 1,
  });
  expect(await dying.getNextJob("dead")).toBeDefined();
  await runner("next", async () => RESULT);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("finished"), { timeout: 15_000 });
  await dying.close();
});

test("a slot that a task leaves for another profile wakes whoever waits for it", async () => {
  queue.work(async (task) => void advanced.push(task));
  const other = TaskId.parse("acme/widgets#7");
  expect(await queue.takeSlot("small", 1, { task: TASK, priority: 1 })).toBe(true);
  expect(await queue.takeSlot("small", 1, { task: other, priority: 2 })).toBe(false);
  expect(await queue.takeSlot("large", 1, { task: TASK, priority: 1 })).toBe(true);
  await vi.waitFor(() => expect(advanced).toEqual([other]));
  expect(await queue.takeSlot("small", 1, { task: other, priority: 2 })).toBe(true);
});

test("a run that fails inside the runner is lost at once", async () => {
  await runner("one", () => Promise.reject(new Error("a bug")));
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("lost"));
});

test("a run's log arrives in order, masked, and with its end", async () => {
  await runner("one", async (context) => {
    context.log(`first ${SECRET.slice(0, 5)}`);
    context.log(`${SECRET.slice(5)}\nsecond`);
    return RESULT;
  });
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("finished"));
  const entries = await redis.connect().xrange(LOG_STREAM, "-", "+");
  const fields = entries.map(([, values]) => values);
  const text = fields.flatMap((values) => (values[4] === "data" ? [values[5]] : [])).join("");
  expect(text).toBe("first ***\nsecond");
  expect(fields.at(-1)).toEqual(["run", runId(1), "offset", `${text.length}`, "end", "1"]);
});

test("a runner that is drained finishes what it has and takes nothing more; another one does", async () => {
  const { promise: finish, resolve } = Promise.withResolvers<JobResult>();
  const taken: string[] = [];
  const one = await runner("one", ({ job: { run } }) => {
    taken.push(run);
    return finish;
  });
  await queue.startRun(job(1), 0);
  await vi.waitFor(async () => expect(await stateOf(1)).toBe("running"));
  const drained = one.drain();
  await queue.startRun(job(2), 0);
  await runner("two", async () => RESULT);
  await vi.waitFor(async () => expect(await stateOf(2)).toBe("finished"));
  expect(await stateOf(1)).toBe("running");
  resolve(RESULT);
  await drained;
  expect(await stateOf(1)).toBe("finished");
  expect(taken).toEqual([runId(1)]);
});
