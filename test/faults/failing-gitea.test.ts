/** A Gitea that answers 500, 502, 429 or nothing, with and without having acted: after it recovers everything ends right. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { waitUntil } from "../support/wait-until.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";
import { failuresOf } from "./stand-in-words.ts";

const LIMIT = { timeout: 480_000 };
/** Until then every kind of failure has happened, also on a busy machine. */
const SEEN_MS = 90_000;
const LOOK_MS = 50;
const KINDS = ["500", "502 after acting", "429", "hang", "hang after acting"];

const seesEachOf = (what: string) => (kinds: readonly string[]) =>
  KINDS.every((kind) => kinds.includes(`${what} ${kind}`));

/** Fails for that long at least, and until what must happen has happened: the end would prove nothing otherwise. */
async function fail({ gitea }: FaultWorld, forMs: number, isEnough: (kinds: readonly string[]) => boolean) {
  await sleep(1_000);
  gitea.signal("SIGUSR2");
  await sleep(forMs);
  await waitUntil(
    () => {
      const kinds = [...failuresOf(gitea).keys()];
      if (!isEnough(kinds)) throw new Error(`only this failed: ${kinds.join(", ")}`);
    },
    { timeout: SEEN_MS, interval: LOOK_MS },
  );
  gitea.signal("SIGUSR2");
}

test("30 % of all calls fail", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 1, failShare: 0.3 });
  expect(await liveThrough(world, 1, () => fail(world, 15_000, seesEachOf("api")))).toEqual([]);
});

test("30 % of git's fetches and pushes fail", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 2, failShare: 0.3, failCalls: "git" });
  expect(await liveThrough(world, 2, () => fail(world, 15_000, (kinds) => kinds.length > 0))).toEqual([]);
});

test("all calls fail for ten seconds", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 1, failShare: 1 });
  expect(await liveThrough(world, 1, () => fail(world, 10_000, (kinds) => kinds.length > 0))).toEqual([]);
});
