/** Sessions whose runner is gone: what they pushed is judged once, what they did not is done again, and nobody is blamed. */
import { expect, test } from "vitest";
import { LOST_RUN_RETRIES } from "../../src/coordinator/retries.ts";
import type { Task } from "../../src/domain/task.ts";
import type { Job } from "../../src/protocol/jobs.ts";
import { runKey } from "../../src/protocol/redis-layout.ts";
import { LOSE_RUN } from "../../src/protocol/run-ledger.ts";
import { createWorld, headOf, type World, type WorldScript } from "../support/coordinator-world.ts";

/** The first session never ends by itself. */
const FIRST_HANGS: WorldScript = {
  sessions: (_job, nth) => (nth === 1 ? "never ends" : { writes: { "work.txt": "done" } }),
};

/** What the bot does when a runner falls silent, and a runner when it is stopped. */
async function lose(world: World, task: Task, how: { readonly handedBack: boolean }): Promise<void> {
  if (task.phase.state !== "working") throw new Error(`nothing to lose: ${task.phase.state}`);
  const key = runKey(task.id, task.phase.session.run);
  const lost = await world.redis
    .connect()
    .eval(LOSE_RUN, 1, key, "simulated", "it is gone", how.handedBack ? "1" : "0");
  expect(lost).toBe(1);
}

async function sessionUnderWay(world: World) {
  const issue = await world.assigned();
  const task = await world.until(issue, "working");
  await expect.poll(() => world.sessions.length).toBe(1);
  return { issue, task };
}

test("a push whose result was lost is judged, neither done again nor taken for nothing", async () => {
  await using world = await createWorld(FIRST_HANGS);
  const { issue, task } = await sessionUnderWay(world);
  await world.acts.push(world.repository, "steward", task.branch, { "work.txt": "pushed" });
  const head = await headOf(world, task.branch);
  await lose(world, task, { handedBack: false });
  await world.poke(issue);
  const review = await world.until(issue, "review");
  expect(review.phase).toEqual({ state: "review", sha: head });
  expect(review.sessions).toMatchObject([{ outcome: "lost", changed: true }]);
  expect(world.sessions).toHaveLength(1);
});

test.concurrent.for([
  { losses: LOST_RUN_RETRIES, state: "review" },
  { losses: LOST_RUN_RETRIES + 1, state: "parked" },
] as const)("a gate that loses its runner $losses times ends in $state", async ({ losses, state }) => {
  let lost = 0;
  const loses = (job: Job) => job.kind === "gate" && job.gate.name === "test" && ++lost <= losses;
  await using world = await createWorld({ loses });
  const issue = await world.assigned();
  const task = await world.until(issue, state);
  expect(lost).toBe(LOST_RUN_RETRIES + 1);
  if (state === "parked")
    expect(task.phase).toMatchObject({ code: "our-failure", detail: expect.stringContaining("it is gone") });
});

test("a runner that is stopped costs the task nothing: the next session goes on at once with what was pushed", async () => {
  await using world = await createWorld(FIRST_HANGS);
  const { issue, task } = await sessionUnderWay(world);
  await world.acts.push(world.repository, "steward", task.branch, { "half.txt": "half" });
  const half = await headOf(world, task.branch);
  await lose(world, task, { handedBack: true });
  await world.poke(issue);
  const review = await world.until(issue, "review");
  expect(world.sessions[1]).toMatchObject({ branchHead: half, prompt: world.sessions[0]?.prompt });
  expect(world.gates.every(({ sha }) => sha !== half)).toBe(true);
  expect(review).toMatchObject({ ourFailures: 0, attempts: 0, notBefore: 0 });
});
