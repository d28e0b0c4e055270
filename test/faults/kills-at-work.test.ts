/** kill -9 of bot and runner just when they are at work: in the middle of sessions, pushes, gates and publications. */
import { expect, test } from "vitest";
import { openFaultWorld } from "./fault-world.ts";
import { killAtWork } from "./killing.ts";
import { liveThrough } from "./live-through.ts";

const KILLS = 5;
const LIMIT_MS = 240_000;

/** Drawn once. */
const SEEDS = [2];

const chosen = process.env.FAULT_SEEDS?.split(",").map(Number);

test.for(chosen ?? SEEDS)("seed %i: killed at work, every issue ends right", { timeout: LIMIT_MS }, async (seed) => {
  await using world = await openFaultWorld({ seed });
  expect(await liveThrough(world, seed, () => killAtWork(world, seed, KILLS))).toEqual([]);
});
