/** One advance among 10,000 open tasks over one among 100. */
import { pino } from "pino";
import { createObey } from "../src/commands/obey-comment.ts";
import { createSafeAdvance } from "../src/coordinator/advance-safely.ts";
import { type RepositoryName, TaskId, taskIdFrom } from "../src/domain/ids.ts";
import { Limits } from "../src/domain/limits.ts";
import { createMemoryForge } from "../src/gitea/memory-forge.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createRedisTaskQueue } from "../src/queue/redis-task-queue.ts";
import { createRedisTaskStore } from "../src/queue/redis-task-store.ts";
import { createConnect } from "../src/redis-connection.ts";
import { startRedis } from "../test/support/redis.ts";
import { PROFILES, taskWith } from "../test/support/sample-task.ts";
import { inTurns, median } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { newRun } from "./runner-stage.ts";

const FEW = 100;
const MANY = 10_000;
/** Tasks written at once. */
const BATCH = 200;
/** The first rounds read the issue, choose and park; the measured ones look and find that nothing is to be done. */
const ROUNDS = { warmUp: 60, rounds: 400 };
const CANNOT_BE_DONE = "### Context Estimate\n- Files to modify: 60\n- Implementation complexity: high\n";

interface Crowd extends AsyncDisposable {
  /** Asks for an advance of the one task whose issue is there, and resolves after it. */
  advance(): Promise<void>;
}

/** A bot's coordinator and queue on a Redis of their own, with so many open tasks. */
async function openCrowd(count: number): Promise<Crowd> {
  const redis = await startRedis();
  const log = pino({ level: "silent" });
  const connection = createConnect(redis.url, log)();
  const { forge, acts } = createMemoryForge({});
  const repository = await acts.addRepository("acme/widgets", { "README.md": "# Widgets\n" });
  const store = createRedisTaskStore(connection, log);
  for (let first = 1; first <= count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first + 1) }, (_, nth) => first + nth);
    await Promise.all(numbers.map((nth) => store.write(otherTask(repository, nth))));
  }
  const issue = await acts.openIssue(repository, { by: "alice", title: "Do it", body: CANNOT_BE_DONE });
  await acts.setAssignees(issue, "alice", ["steward"]);
  const task = taskIdFrom(issue);
  const queue = createRedisTaskQueue(connection, systemClock, log);
  const instance = { profiles: PROFILES, limits: Limits.parse({}), publicUrl: "http://steward.example" };
  const advance = createSafeAdvance({
    ...instance,
    ...{ forge, queue, store, log, clock: systemClock, newRunId: newRun },
    obey: createObey({ ...instance, clock: systemClock }),
    markerKeys: ["a key that signs markers in this bench"],
    ignoredLogins: [],
  });
  let waiting: (() => void) | undefined;
  queue.work(async (asked) => {
    await advance(asked);
    if (asked === task) waiting?.();
  });
  return {
    advance: () =>
      new Promise<void>((resolve, reject) => {
        waiting = resolve;
        queue.requestAdvance(task).catch(reject);
      }),
    async [Symbol.asyncDispose]() {
      await queue.close();
      connection.disconnect();
      await redis.stop();
    },
  };
}

function otherTask(repository: RepositoryName, nth: number) {
  return taskWith({ id: TaskId.parse(`${repository}-${nth}#${nth}`), version: 0, createdAt: nth });
}

/** Measures it: from the request to the end of the advance, through the queue. */
export async function advanceAtScale(): Promise<Found> {
  await using few = await openCrowd(FEW);
  await using many = await openCrowd(MANY);
  const times = await inTurns(ROUNDS, { few: () => few.advance(), many: () => many.advance() });
  const [ours, limit] = [median(times.many), median(times.few)];
  const what = "one advance at 10,000 open tasks over one at 100";
  const beside = `${rounded(ours)} ms; at 100: ${rounded(limit)} ms`;
  return { findings: [atMost({ what, value: ours / limit, limit: 1.2, beside })], raw: times };
}
