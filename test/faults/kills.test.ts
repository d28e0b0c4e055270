/** kill -9 of bot, runner, Redis and Gitea, one after another: nothing is lost, nothing doubled, nothing left. */
import { expect, test } from "vitest";
import { openFaultWorld } from "./fault-world.ts";
import { carryOut, drawKills } from "./killing.ts";
import { liveThrough } from "./live-through.ts";

const KILLS = 8;
const LIMIT_MS = 180_000;

/** Drawn once. */
const SEEDS = [1, 2, 3];

const chosen = process.env.FAULT_SEEDS?.split(",").map(Number);

test.for(chosen ?? SEEDS)(
  "seed %i: every issue ends right whatever was killed",
  { timeout: LIMIT_MS },
  async (seed) => {
    await using world = await openFaultWorld({ seed });
    const kills = drawKills(seed, chosen && process.env.FAULT_KILLS ? Number(process.env.FAULT_KILLS) : KILLS);
    expect(await liveThrough(world, seed, () => carryOut(world, kills))).toEqual([]);
  },
);
