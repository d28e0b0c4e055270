/** Remembers answers that never change, such as what a commit holds. */

/** More are forgotten, oldest first. */
const MAXIMUM_REMEMBERED = 1000;

/** Answers by key. */
export interface Memory<T> {
  /** The remembered answer, or the one that is asked for now. */
  recall(key: string, ask: () => Promise<T>): Promise<T>;
}

/** Remembers nothing yet; failures, and answers that do not last, are asked for again. */
export function createMemory<T>(lasts: (answer: T) => boolean = () => true): Memory<T> {
  const remembered = new Map<string, Promise<T>>();
  return {
    recall(key, ask) {
      const known = remembered.get(key);
      if (known) return known;
      const answer = ask();
      remembered.set(key, answer);
      answer.then(
        (given) => lasts(given) || remembered.delete(key),
        () => remembered.delete(key),
      );
      const oldest = remembered.keys().next().value;
      if (remembered.size > MAXIMUM_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      return answer;
    },
  };
}
