/** `npm run soak -- [--kills 1000] [--seed N]`: worlds one after the other, each with its own seed, until so many kills were sent. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { openFaultWorld } from "./fault-world.ts";
import { carryOut, drawKills } from "./killing.ts";
import { liveThrough } from "./live-through.ts";

/** What a world's issues live through before they have ended. */
const KILLS_A_WORLD = 10;
const LARGEST_SEED = 2 ** 31;

const { values } = parseArgs({ options: { kills: { type: "string", default: "1000" }, seed: { type: "string" } } });
const first = values.seed === undefined ? randomInt(LARGEST_SEED) : Number(values.seed);
const failed: number[] = [];

for (let left = Number(values.kills), seed = first; left > 0; left -= KILLS_A_WORLD, seed += 1) {
  const count = Math.min(left, KILLS_A_WORLD);
  const broken = await liveOnce(seed, count);
  if (broken.length > 0) failed.push(seed);
  console.log(`seed ${seed}: ${count} kills, ${broken.length === 0 ? "everything ended right" : broken.join("; ")}`);
}
console.log(failed.length === 0 ? "no promise was broken" : `broken with the seeds ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function liveOnce(seed: number, count: number): Promise<readonly string[]> {
  await using world = await openFaultWorld({ seed });
  try {
    return await liveThrough(world, seed, () => carryOut(world, drawKills(seed, count)));
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}
