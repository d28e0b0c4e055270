/** Sends kill -9 to one after another at instants drawn from a seed, and starts again what it killed. */
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import type { FaultWorld } from "./fault-world.ts";

/** Pause before each kill, and before what was killed is started again. */
const KILL_AFTER_MS = [200, 3_000] as const;
const START_AFTER_MS = [0, 1_000] as const;

const TARGETS = ["bot", "runner", "redis", "gitea"] as const;
type Target = (typeof TARGETS)[number];

export interface Kill {
  readonly target: Target;
  readonly afterMs: number;
  readonly downMs: number;
}

/** The kills of a seed. */
export function drawKills(seed: number, count: number): readonly Kill[] {
  const random = createRandom(seed);
  const between = ([least, most]: readonly [number, number]) => Math.round(least + random() * (most - least));
  return Array.from({ length: count }, () => ({
    target: TARGETS[Math.floor(random() * TARGETS.length)] ?? "bot",
    afterMs: between(KILL_AFTER_MS),
    downMs: between(START_AFTER_MS),
  }));
}

/** Carries them out; everything runs again at the end. */
export async function carryOut(world: FaultWorld, kills: readonly Kill[]): Promise<void> {
  const restarts: Promise<void>[] = [];
  for (const { target, afterMs, downMs } of kills) {
    await sleep(afterMs);
    const program = world.programs[target];
    // Still down from the last time: there is nothing to kill.
    if (!program.isRunning) continue;
    await program.kill();
    restarts.push(sleep(downMs).then(() => program.start()));
  }
  await Promise.all(restarts);
}
