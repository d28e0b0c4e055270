/** The list of what a session's gateway refused, for the report on the pull request. */

// Enough for a report; a longer list is a flood.
const MAX_REFUSALS = 50;

/** What was refused, each once, in order. */
export interface Refusals {
  add(what: string): void;
  list(): readonly string[];
}

/** An empty list; `onNew` hears of each entry once. */
export function createRefusals(onNew: (what: string) => void): Refusals {
  const seen = new Set<string>();
  return {
    add: (what) => {
      if (seen.has(what) || seen.size >= MAX_REFUSALS) return;
      seen.add(what);
      onNew(what);
    },
    list: () => [...seen],
  };
}
