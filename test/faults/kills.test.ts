/** kill -9 of bot, runner, Redis and Gitea, one after another: nothing is lost, nothing doubled, nothing left. */
import { expect, test } from "vitest";
import { liveThroughKills } from "./killing.ts";

const KILLS = 6;
const LIMIT_MS = 480_000;

/** Drawn once. */
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

const chosen = process.env.FAULT_SEEDS?.split(",").map(Number);
const count = Number(process.env.FAULT_KILLS ?? KILLS);

test.concurrent.for(chosen ?? SEEDS)(
  "seed %i: every issue ends right whatever was killed",
  { timeout: LIMIT_MS },
  async (seed) => {
    const { broken, killed } = await liveThroughKills(seed, count, "any-time");
    expect(broken).toEqual([]);
    expect(killed).not.toEqual([]);
  },
);
