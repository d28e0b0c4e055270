/** Redis is a cache: emptied in the middle, again and again, everything is rebuilt from Gitea and nothing is said twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT_MS = 480_000;
/** Nothing starts for a lock's time after Redis was emptied: it is left alone for longer in between. */
const PAUSE_MS = [2_000, 14_000] as const;
const TIMES = 3;

async function emptyNowAndThen({ redisUrl }: FaultWorld, seed: number): Promise<void> {
  const random = createRandom(seed);
  const [least, most] = PAUSE_MS;
  for (let time = 0; time < TIMES; time += 1) {
    await sleep(least + random() * (most - least));
    const redis = new Redis(redisUrl);
    await redis.flushall();
    redis.disconnect();
  }
}

/** Both found an advance that was overtaken while Redis was emptied, and gave out a session that nobody knew. */
const FOUND = [1, 2];

test.for(FOUND)("seed %i: Redis emptied in the middle loses nothing but time", { timeout: LIMIT_MS }, async (seed) => {
  await using world = await openFaultWorld({ seed });
  expect(await liveThrough(world, seed, () => emptyNowAndThen(world, seed))).toEqual([]);
});
