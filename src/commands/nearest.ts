/** The known word that a misspelt one probably means. */
import { closest, distance } from "fastest-levenshtein";

/** Slips that are forgiven, as a part of the word's length. */
const FORGIVEN_SHARE = 0.5;

/** The nearest of `names`; none when nothing is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word === "" || names.length === 0) return undefined;
  const best = closest(word.toLowerCase(), names);
  const allowed = Math.max(1, Math.floor(Math.max(word.length, best.length) * FORGIVEN_SHARE));
  return distance(word.toLowerCase(), best) <= allowed ? best : undefined;
}
