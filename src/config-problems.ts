/** Turns what zod found wrong into sentences, with the nearest valid name where a name is wrong. */
import { closest, distance } from "fastest-levenshtein";
import type { z } from "zod";

/** Names further apart than this share of their length are not taken for a typing mistake. */
const NEAR_SHARE = 0.4;

/** The name of `candidates` that `name` was probably meant to be. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined;
  const nearest = closest(name, [...candidates]);
  return distance(name, nearest) <= Math.max(2, Math.ceil(name.length * NEAR_SHARE)) ? nearest : undefined;
}

/** A sentence that says what to write instead, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const nearest = nearestName(name, candidates);
  return nearest === undefined ? "" : `; did you mean \`${nearest}\`?`;
}

/** One sentence for each issue; `keysAt` gives the valid keys at a path. */
export function sentencesFrom(
  issues: readonly z.core.$ZodIssue[],
  where: string,
  keysAt: (path: readonly PropertyKey[]) => readonly string[],
): readonly string[] {
  return issues.flatMap((issue) => {
    const path = issue.path.join(".");
    const place = path === "" ? where : `${where}: ${path}`;
    if (issue.code !== "unrecognized_keys") return [`${place}: ${issue.message}`];
    return issue.keys.map((key) => `${place}: \`${key}\` is not a known key${didYouMean(key, keysAt(issue.path))}`);
  });
}
