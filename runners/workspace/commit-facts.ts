/** Remembers what was asked about commits: they never change, so it is asked once, however many gates want to know. */

/** Answers that are kept; the oldest are forgotten first. */
const MOST_ANSWERS = 2_000;

/** What is known of the commits of one mirror. */
export interface CommitFacts<T> {
  /** The answer under this key, asked for unless it is known or being asked for; a failure is not kept. */
  know(key: string, ask: () => Promise<T>): Promise<T>;
  /** Forgets everything: the mirror is another one. */
  clear(): void;
}

/** Knows nothing yet. `isLasting` tells which answers may change; these are not kept. */
export function createCommitFacts<T>(isLasting: (answer: T) => boolean = () => true): CommitFacts<T> {
  const known = new Map<string, Promise<T>>();

  function keep(key: string, ask: () => Promise<T>): Promise<T> {
    const asked = ask();
    known.set(key, asked);
    for (const oldest of known.keys()) {
      if (known.size <= MOST_ANSWERS) break;
      known.delete(oldest);
    }
    const drop = () => void (known.get(key) === asked && known.delete(key));
    asked.then((answer) => isLasting(answer) || drop(), drop);
    return asked;
  }

  return { know: (key, ask) => known.get(key) ?? keep(key, ask), clear: () => known.clear() };
}
