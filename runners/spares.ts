/** Things that take a while to make, made in advance while nobody waits for one: namespaces, control groups. */

/** Whoever took one probably takes more, and starts something: what is made meanwhile would stand in the way. */
const REST_MS = 250;
/** After so long without use they go: a mount namespace holds on to whatever of the machine was mounted when it was made. */
const LIFE_MS = 15 * 60_000;

/** What can be kept ready. */
export interface Spare {
  /** False once it is of no use any more. */
  isAlive(): boolean;
  release(): Promise<void>;
}

/** A supply of spares. */
export interface Spares<S extends Spare> {
  /** One that is ready, or a new one; the caller's to release. */
  take(): Promise<S>;
  /** Releases those that nobody took. */
  close(): Promise<void>;
}

/** Keeps up to `most` ready from the first one taken on. */
export function createSpares<S extends Spare>(most: number, make: () => Promise<S>): Spares<S> {
  const ready: S[] = [];
  let taken = 0;
  let resting: NodeJS.Timeout | undefined;
  let ageing: NodeJS.Timeout | undefined;
  let filling: Promise<void> = Promise.resolve();

  async function fill(): Promise<void> {
    const before = taken;
    while (taken === before && ready.length < most) ready.push(await make());
  }

  async function releaseAll(): Promise<void> {
    await Promise.all(ready.splice(0).map((spare) => spare.release()));
  }

  /** From now on; what is under way stops at the next spare. */
  function stopTimers(): void {
    taken += 1;
    clearTimeout(resting);
    clearTimeout(ageing);
  }

  function startTimers(): void {
    stopTimers();
    // Who needs one hears why none can be made.
    resting = setTimeout(() => (filling = filling.then(fill).catch(() => undefined)), REST_MS).unref();
    ageing = setTimeout(releaseAll, LIFE_MS).unref();
  }

  return {
    take() {
      startTimers();
      for (let spare = ready.pop(); spare; spare = ready.pop()) if (spare.isAlive()) return Promise.resolve(spare);
      return make();
    },
    async close() {
      stopTimers();
      await filling;
      await releaseAll();
    },
  };
}
