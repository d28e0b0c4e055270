/** Sends kill -9 to one after another at instants drawn from a seed, and starts again what it killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { LOST_RUN_RETRIES } from "../../src/coordinator/retries.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

/** Pause before each kill, and before what was killed is started again. */
const KILL_AFTER_MS = [200, 3_000] as const;
const START_AFTER_MS = [0, 1_000] as const;

const TARGETS = ["bot", "runner", "redis", "gitea"] as const;
type Target = (typeof TARGETS)[number];

/** What became of a world, and what was killed in it. */
export interface KilledLife {
  readonly broken: readonly string[];
  readonly killed: readonly Target[];
}

interface Kill {
  readonly target: Target;
  readonly afterMs: number;
  readonly downMs: number;
}

/** The kills of a seed. */
function drawKills(seed: number, count: number): readonly Kill[] {
  const random = createRandom(seed);
  const between = ([least, most]: readonly [number, number]) => Math.round(least + random() * (most - least));
  return Array.from({ length: count }, () => ({
    target: TARGETS[Math.floor(random() * TARGETS.length)] ?? "bot",
    afterMs: between(KILL_AFTER_MS),
    downMs: between(START_AFTER_MS),
  }));
}

/** Carries them out; everything runs again at the end. Gives those that found something to kill. */
async function carryOut(world: FaultWorld, kills: readonly Kill[]): Promise<readonly Target[]> {
  const restarts: Promise<void>[] = [];
  const killed: Target[] = [];
  for (const { target, afterMs, downMs } of kills) {
    await sleep(afterMs);
    const program = world.programs[target];
    // Still down from the last time: there is nothing to kill.
    if (!program.isRunning) continue;
    await program.kill();
    killed.push(target);
    restarts.push(sleep(downMs).then(() => program.start()));
  }
  await Promise.all(restarts);
  return killed;
}

/** A kill follows a sign of work by this much: enough for each of an agent's, a push's and a publication's instants. */
const AT_WORK_MS = 600;
/** A part that shows no work for so long is left alone. */
const IDLE_MS = 10_000;
const SIGNS = { bot: '"msg":"task advanced"', runner: '"msg":"job started"' } as const;

/**
 * Kills bot or runner so many times just when they are at work, at instants drawn from the seed; the runner not more often than one and the same run may be
 * lost, or a person is asked for good reason. Gives what was killed.
 */
async function killAtWork(world: FaultWorld, seed: number, count: number): Promise<readonly Target[]> {
  const random = createRandom(seed);
  const killed: Target[] = [];
  for (let time = 0; time < count; time += 1) {
    const lost = killed.filter((name) => name === "runner").length;
    const target = random() < 0.5 || lost === LOST_RUN_RETRIES ? "bot" : "runner";
    const program = world.programs[target];
    const signs = () => program.words().split(SIGNS[target]).length;
    const before = signs();
    const isAtWork = () => {
      if (signs() === before) throw new Error("it does nothing");
      return true;
    };
    const found = await waitUntil(isAtWork, { timeout: IDLE_MS, interval: 25 }).catch(() => false);
    await sleep(random() * AT_WORK_MS);
    if (!found) continue;
    await program.kill();
    killed.push(target);
    program.start();
  }
  return killed;
}

/** One world that lives through so many kills, by the clock or at work; kills that found nothing to kill are not counted. */
export async function liveThroughKills(seed: number, count: number, when: "any-time" | "at-work"): Promise<KilledLife> {
  await using world = await openFaultWorld({ seed });
  let killed: readonly Target[] = [];
  const broken = await liveThrough(world, seed, async () => {
    killed = await (when === "at-work" ? killAtWork(world, seed, count) : carryOut(world, drawKills(seed, count)));
  });
  return { broken, killed };
}
