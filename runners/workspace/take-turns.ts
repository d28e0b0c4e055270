/** Turns within this process: one at a time under a key, and one answer for all who ask for the same at once. */

/** Runs `work` when all earlier work under the same key is over. */
export type TakeTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Makes a set of turns. */
export function createTurns(): TakeTurn {
  const last = new Map<string, Promise<unknown>>();
  return (key, work) => {
    const earlier = last.get(key) ?? Promise.resolve();
    const turn = earlier.then(work, work);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    last.set(key, settled);
    void settled.then(() => last.get(key) === settled && last.delete(key));
    return turn;
  };
}

/** Gives everybody who asks under a key while work is under way the outcome of that work. */
export type Share<T> = (key: string, work: () => Promise<T>) => Promise<T>;

/** Makes a place to share work at. */
export function createShare<T>(): Share<T> {
  const underWay = new Map<string, Promise<T>>();
  return (key, work) => {
    const found = underWay.get(key);
    if (found) return found;
    const started = work().finally(() => underWay.delete(key));
    underWay.set(key, started);
    return started;
  };
}
