/** SIGTERM of bot and runner at any moment: each ends by itself in time and leaves nothing, and the next start goes on. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import type { Program } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { leftovers } from "./leftovers.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT_MS = 480_000;
const TIMES = 6;
const PAUSE_MS = 2_500;
/** Most are asked to end when they are at work, some perhaps while they still start. */
const BEGUN_SHARE = 0.75;
const STARTS = { timeout: 120_000, interval: 50 };

/** What each end left behind: its code unless it is 0, and whatever is not of the parts that go on. */
async function terminateNowAndThen({ folder, programs }: FaultWorld, seed: number): Promise<readonly string[]> {
  const random = createRandom(seed);
  const wrong: string[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const { bot, runner, redis, gitea } = programs;
    const program = random() < 0.5 ? bot : runner;
    if (random() < BEGUN_SHARE) await waitUntil(() => hasBegun(program), STARTS);
    await sleep(random() * PAUSE_MS);
    wrong.push(...(await terminate(program)));
    // What runs goes on without a bot; without a runner nothing runs.
    if (program === runner) wrong.push(...leftovers(folder, [bot.pid, redis.pid, gitea.pid]));
    program.start();
  }
  return wrong;
}

function hasBegun({ name, newWords }: Program): void {
  if (newWords() === "") throw new Error(`${name} says nothing`);
}

/** It ends by itself with 0; one that has not begun to listen for signals yet, nor anything else, just ends. */
async function terminate(program: Program): Promise<readonly string[]> {
  const hadBegun = program.newWords() !== "";
  const end = await program.stop();
  return end === 0 || (end === "SIGTERM" && !hadBegun) ? [] : [`${program.name} ended with ${end}`];
}

test.concurrent.for([1, 2, 3])("seed %i: SIGTERM, and the next start goes on", { timeout: LIMIT_MS }, async (seed) => {
  await using world = await openFaultWorld({ seed });
  let wrong: readonly string[] = ["nothing was terminated"];
  const terminations = async () => {
    wrong = await terminateNowAndThen(world, seed);
  };
  expect(await liveThrough(world, seed, terminations)).toEqual([]);
  expect(wrong).toEqual([]);
});

/** Found by seed 3: a `git http-backend` of a killed Gitea that never ended. */
test("SIGTERM ends bot and runner in time when Redis and Gitea are gone", { timeout: LIMIT_MS }, async () => {
  await using world = await openFaultWorld({ seed: 3 });
  const { bot, runner, gitea, redis } = world.programs;
  const goneInTheMiddle = async () => {
    await waitUntil(() => {
      if (!runner.words().includes('"msg":"job started"')) throw new Error("no job was started");
    }, STARTS);
    await sleep(1_000);
    await Promise.all([gitea.kill(), redis.kill()]);
    // Without anybody to sign off from the end need not be an ordered one, but it is their own.
    const ends = await Promise.all([bot.stop(), runner.stop()]);
    expect(ends.filter((end) => typeof end !== "number")).toEqual([]);
    expect(leftovers(world.folder)).toEqual([]);
    for (const program of [gitea, redis, bot, runner]) program.start();
  };
  expect(await liveThrough(world, 3, goneInTheMiddle)).toEqual([]);
});
