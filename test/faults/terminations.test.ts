/** SIGTERM of bot and runner at any moment: each ends by itself in time, and the next start goes on. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT_MS = 240_000;
const TIMES = 6;
const PAUSE_MS = 2_500;
/** What the product promises. */
const LONGEST_END_MS = 10_000;

async function terminateNowAndThen({ programs }: FaultWorld, seed: number): Promise<readonly number[]> {
  const random = createRandom(seed);
  const took: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    await sleep(random() * PAUSE_MS);
    const program = random() < 0.5 ? programs.bot : programs.runner;
    took.push(await program.stop());
    program.start();
  }
  return took;
}

test.for([1])("seed %i: SIGTERM in time, and the next start goes on", { timeout: LIMIT_MS }, async (seed) => {
  await using world = await openFaultWorld({ seed });
  let took: readonly number[] = [];
  const terminate = async () => {
    took = await terminateNowAndThen(world, seed);
  };
  expect(await liveThrough(world, seed, terminate)).toEqual([]);
  expect(took.filter((milliseconds) => milliseconds > LONGEST_END_MS)).toEqual([]);
});

test("SIGTERM ends bot and runner in time when Redis and Gitea are gone", { timeout: LIMIT_MS }, async () => {
  await using world = await openFaultWorld({ seed: 3 });
  const { gitea, redis } = world.programs;
  const goneInTheMiddle = async () => {
    await sleep(4_000);
    await Promise.all([gitea.kill(), redis.kill()]);
    const { bot, runner } = world.programs;
    const took = await Promise.all([bot.stop(), runner.stop()]);
    expect(took.filter((milliseconds) => milliseconds > LONGEST_END_MS)).toEqual([]);
    for (const program of [gitea, redis, bot, runner]) program.start();
  };
  expect(await liveThrough(world, 3, goneInTheMiddle)).toEqual([]);
});
