/** The clock of one process jumps by an hour, forward or back, while issues run: they end as if nothing had happened. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, test } from "vitest";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { waitUntil } from "../support/wait-until.ts";
import { createMovableClock, type MovableClock } from "./clock.ts";
import { type FaultWorld, openFaultWorld, type PartName } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT = { timeout: 300_000 };
/** When it jumps: in the middle of sessions, gates and publications. */
const JUMP_AFTER_MS = [200, 4_000] as const;
const JUMPS = { timeout: 30_000, interval: 100 };
const HALF_AN_HOUR_MS = 1_800_000;

interface Jump {
  readonly part: PartName;
  readonly shift: "+1h" | "-1h";
  readonly seed: number;
}

const PARTS: readonly PartName[] = ["bot", "runner", "redis", "gitea"];
const JUMPS_OF_PARTS: readonly Jump[] = PARTS.flatMap((part, index) => [
  { part, shift: "+1h", seed: 2 * index + 1 },
  { part, shift: "-1h", seed: 2 * index + 2 },
]);

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

/** Moves the clock; resolves when the process itself, which told the right time, tells the other one. */
async function jump(world: FaultWorld, clock: MovableClock, { part, shift, seed }: Jump): Promise<void> {
  const untilAway = (isThere: (away: number) => boolean) =>
    waitUntil(async () => {
      const away = (await timeOf(world, part)) - Date.now();
      if (!isThere(away)) throw new Error(`the clock of ${part} is ${away} ms away`);
    }, JUMPS);
  await untilAway((away) => Math.abs(away) < HALF_AN_HOUR_MS);
  const [least, most] = JUMP_AFTER_MS;
  await sleep(least + createRandom(seed)() * (most - least));
  clock.move(shift);
  await untilAway((away) => (shift === "+1h" ? away > HALF_AN_HOUR_MS : away < -HALF_AN_HOUR_MS));
}

test.concurrent.for(JUMPS_OF_PARTS)("the clock of $part jumps by $shift", LIMIT, async (chosen) => {
  let clock: MovableClock | undefined;
  const clockOf = (part: PartName, file: string) => {
    if (part !== chosen.part) return {};
    clock = createMovableClock(file);
    return clock.env;
  };
  await using world = await openFaultWorld({ seed: chosen.seed, clockOf });
  const { seed } = chosen;
  expect(await liveThrough(world, seed, async () => clock && jump(world, clock, chosen))).toEqual([]);
});
