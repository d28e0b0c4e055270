/** `npm run soak -- [--kills 1000] [--seed N] [--at-once 1]`: worlds, each with its own seed, until so many kills found something to kill. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { type KilledLife, liveThroughKills } from "./killing.ts";

/** What a world's issues live through before they have ended. */
const KILLS_A_WORLD = 10;
/** Of so many worlds one is killed at work, and the others at any time. */
const AT_WORK_EVERY = 3;
const LARGEST_SEED = 2 ** 31;

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "1000" },
    seed: { type: "string" },
    "at-once": { type: "string", default: "1" },
  },
});
const wanted = Number(values.kills);
const failed: number[] = [];
let sent = 0;
let seed = values.seed === undefined ? randomInt(LARGEST_SEED) : Number(values.seed);

await Promise.all(Array.from({ length: Number(values["at-once"]) }, liveOneAfterAnother));
console.log(
  `${sent} kills: ${failed.length === 0 ? "no promise was broken" : `broken with the seeds ${failed.join(", ")}`}`,
);
process.exitCode = failed.length === 0 ? 0 : 1;

async function liveOneAfterAnother(): Promise<void> {
  while (sent < wanted) {
    const own = seed++;
    const when = own % AT_WORK_EVERY === 0 ? "at-work" : "any-time";
    const { broken, killed } = await liveOnce(own, Math.min(wanted - sent, KILLS_A_WORLD), when);
    // A world that failed before anything could be killed must not go on without end.
    sent += Math.max(killed.length, 1);
    if (broken.length > 0) failed.push(own);
    const end = broken.length === 0 ? "everything ended right" : broken.join("; ");
    console.log(`seed ${own}: ${killed.length} kills ${when} (${killed.join(" ")}), ${end}`);
  }
}

async function liveOnce(...life: Parameters<typeof liveThroughKills>): Promise<KilledLife> {
  return liveThroughKills(...life).catch((error: unknown) => ({
    broken: [error instanceof Error ? error.message : String(error)],
    killed: [],
  }));
}
