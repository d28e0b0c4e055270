/** How things are timed: percentiles, warm-up, and both sides in turns, so that whatever else the machine does hits both alike. */
import { setTimeout as sleep } from "node:timers/promises";

/** Something that can be timed; whatever it needs is ready before. */
export type Side = () => Promise<unknown>;

/** How often sides are run. */
export interface Rounds {
  readonly warmUp: number;
  readonly rounds: number;
  /** Done after each run of a side, and not timed. */
  readonly after?: Side;
}

/** The value below which this share of the samples lies. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** The middle of the samples. */
export function median(samples: readonly number[]): number {
  return percentile(samples, 0.5);
}

/** Milliseconds that `work` takes. */
export async function elapsed(work: Side): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Milliseconds of every round of all sides, run in turns; in every other round in the opposite order. */
export async function inTurns<Name extends string>(
  { warmUp, rounds, after = async () => undefined }: Rounds,
  sides: Readonly<Record<Name, Side>>,
): Promise<Readonly<Record<Name, readonly number[]>>> {
  const names = Object.keys(sides) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < warmUp + rounds; round += 1) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const took = await elapsed(sides[name]);
      await after();
      if (round >= warmUp) samples[name].push(took);
    }
  }
  return samples;
}

/** Resolves with the first answer of `look` that is something, looking so often. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { everyMs, withinMs }: { readonly everyMs: number; readonly withinMs: number },
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() > deadline) throw new Error(`what was waited for did not happen within ${withinMs} ms`);
    await sleep(everyMs);
  }
}

/** How fast the machine is at this moment, whoever else shares it. */
export interface MachineSpeed {
  /** Milliseconds of a fixed piece of arithmetic on one core. */
  readonly loopMs: number;
  /** The longest time in which a core with nothing else to do did nothing. */
  readonly stoodStillMs: number;
}

const LOOP_STEPS = 2e8;
const WATCHED_MS = 1_000;

/** Measures it in about two seconds. */
export function machineSpeed(): MachineSpeed {
  const began = performance.now();
  let sum = 0;
  for (let step = 0; step < LOOP_STEPS; step += 1) sum += step % 7;
  const loopMs = performance.now() - began;
  // What was computed is used, or the loop may be left out.
  let stoodStillMs = sum < 0 ? Number.NaN : 0;
  for (let last = performance.now(); last - began - loopMs < WATCHED_MS; ) {
    const now = performance.now();
    stoodStillMs = Math.max(stoodStillMs, now - last);
    last = now;
  }
  return { loopMs: Math.round(loopMs), stoodStillMs: Number(stoodStillMs.toFixed(1)) };
}
