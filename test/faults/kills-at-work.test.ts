/** kill -9 of bot and runner just when they are at work: in the middle of sessions, pushes, gates and publications. */
import { expect, test } from "vitest";
import { liveThroughKills } from "./killing.ts";

const KILLS = 4;
const LIMIT_MS = 300_000;

/** Drawn once. */
const SEEDS = [2, 3, 4];

const chosen = process.env.FAULT_SEEDS?.split(",").map(Number);
const count = Number(process.env.FAULT_KILLS ?? KILLS);

test.concurrent.for(chosen ?? SEEDS)(
  "seed %i: killed at work, every issue ends right",
  { timeout: LIMIT_MS },
  async (seed) => {
    const { broken, killed } = await liveThroughKills(seed, count, "at-work");
    expect(broken).toEqual([]);
    expect(killed).not.toEqual([]);
  },
);
