/** Versions of a document: ascending, and from a drawn beginning, so that two lives of a document share none. */
import { randomInt } from "node:crypto";

const FIRST_BELOW = 2 ** 40;

/** The version after `version`; 0 is before the first. */
export function nextVersion(version: number): number {
  return version === 0 ? randomInt(1, FIRST_BELOW) : version + 1;
}
