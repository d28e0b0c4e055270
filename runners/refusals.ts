/** The list of what a gateway or the way out of set-up refused, for the report on the pull request. */

// Enough for a report; a longer list is a flood.
const MAX_REFUSALS = 50;

/** What was refused, each once, in order. */
export interface Refusals {
  /** True when it is new; once the list is full, nothing is. */
  add(what: string): boolean;
  list(): readonly string[];
}

/** An empty list. */
export function createRefusals(): Refusals {
  const seen = new Set<string>();
  return {
    add: (what) => {
      if (seen.has(what) || seen.size >= MAX_REFUSALS) return false;
      seen.add(what);
      return true;
    },
    list: () => [...seen],
  };
}
