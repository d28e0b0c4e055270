/** The known word that a misspelt one probably means. */
import { closest, distance } from "fastest-levenshtein";

/** Slips that are forgiven always, and as a part of the longer word's length. */
const FORGIVEN = 2;
const FORGIVEN_SHARE = 0.4;

/** The nearest of `names`, whatever their case; none when nothing is near. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  if (word === "" || names.length === 0) return undefined;
  const wanted = word.toLowerCase();
  const known = names.map((name) => name.toLowerCase());
  const best = closest(wanted, known);
  const allowed = Math.max(FORGIVEN, Math.floor(Math.max(wanted.length, best.length) * FORGIVEN_SHARE));
  return distance(wanted, best) <= allowed ? names[known.indexOf(best)] : undefined;
}
