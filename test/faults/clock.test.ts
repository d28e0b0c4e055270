/** The clock of one process jumps by an hour, and back again, while issues run: they end as if nothing had happened. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { waitUntil } from "../support/wait-until.ts";
import { createMovableClock, type MovableClock } from "./clock.ts";
import { type FaultWorld, openFaultWorld, type PartName } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT = { timeout: 480_000 };
/** When it jumps: in the middle of sessions, gates and publications. */
const JUMP_AFTER_MS = [200, 4_000] as const;
const JUMPS = { timeout: 90_000, interval: 100 };
const HALF_AN_HOUR_MS = 1_800_000;

interface Jumper {
  readonly part: PartName;
  readonly seed: number;
}

const PARTS: readonly PartName[] = ["bot", "runner", "redis", "gitea"];

/** The newest time that a process told of itself. */
async function timeOf({ programs, redisUrl, giteaUrl }: FaultWorld, part: PartName): Promise<number> {
  if (part === "gitea") {
    const { headers } = await fetch(`${giteaUrl}/api/v1/version`, { signal: AbortSignal.timeout(2_000) });
    return Date.parse(headers.get("date") ?? "");
  }
  if (part === "redis") {
    const redis = new Redis(redisUrl);
    const [seconds = 0] = await redis.time().finally(() => redis.disconnect());
    return Number(seconds) * 1_000;
  }
  return Number(
    programs[part]
      .words()
      .match(/(?<="time":)\d+/g)
      ?.at(-1),
  );
}

/** An hour forward and, when others have taken that time from it, back again; each when the process itself tells the one before. */
async function jumpForthAndBack(world: FaultWorld, clock: MovableClock, { part, seed }: Jumper): Promise<void> {
  const random = createRandom(seed);
  const [least, most] = JUMP_AFTER_MS;
  const untilItTells = (aheadMs: number) =>
    waitUntil(async () => {
      const ahead = (await timeOf(world, part)) - Date.now();
      if (Math.abs(ahead - aheadMs) > HALF_AN_HOUR_MS) throw new Error(`the clock of ${part} is ${ahead} ms ahead`);
    }, JUMPS);
  await untilItTells(0);
  for (const [shift, aheadMs] of [["+1h", 2 * HALF_AN_HOUR_MS] as const, ["+0", 0] as const]) {
    await sleep(least + random() * (most - least));
    clock.move(shift);
    await untilItTells(aheadMs);
  }
}

test.concurrent.for(PARTS.map((part, index) => ({ part, seed: index + 1 })))(
  "the clock of $part jumps by an hour, and back again",
  LIMIT,
  async (jumper) => {
    let clock: MovableClock | undefined;
    const clockOf = (part: PartName, file: string) => {
      if (part !== jumper.part) return {};
      clock = createMovableClock(file);
      return clock.env;
    };
    await using world = await openFaultWorld({ seed: jumper.seed, clockOf });
    expect(await liveThrough(world, jumper.seed, async () => clock && jumpForthAndBack(world, clock, jumper))).toEqual(
      [],
    );
  },
);
