/** A Gitea that answers 500, 502, 429 or nothing, with and without having acted: after it recovers everything ends right. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT = { timeout: 240_000 };

interface Failing {
  readonly name: string;
  readonly share: number;
  readonly forMs: number;
}

test.for<Failing>([
  { name: "30 % of all calls fail", share: 0.3, forMs: 20_000 },
  { name: "all calls fail for ten seconds", share: 1, forMs: 10_000 },
])("$name", LIMIT, async ({ share, forMs }) => {
  await using world = await openFaultWorld({ seed: 1, failShare: share });
  const fail = async () => {
    await sleep(1_000);
    world.gitea.signal("SIGUSR2");
    await sleep(forMs);
    world.gitea.signal("SIGUSR2");
  };
  expect(await liveThrough(world, 1, fail)).toEqual([]);
});
