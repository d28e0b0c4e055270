/** The blockers of an issue as its text names them: each once, without itself, and not endlessly many. */
import { type IssueRef, type TaskId, taskIdFrom } from "../domain/ids.ts";
import type { StatedReference } from "./stated-references.ts";

/** An issue that must be closed first, as the text names it. */
export interface StatedBlocker {
  readonly issue: TaskId;
  /** What the text calls it; foreign text, to be compared with the real title. */
  readonly expectedTitle?: string;
}

/** Blockers of one issue that are watched. */
const MAX_BLOCKERS = 50;

/** The blockers, and a sentence for each oddity. `self` is the issue whose text was read. */
export function readBlockers(
  references: readonly StatedReference[],
  self: IssueRef | undefined,
): { readonly blockedBy: readonly StatedBlocker[]; readonly problems: readonly string[] } {
  const others = references.filter((reference) => !isSelf(reference.issue, self));
  const unique = [
    ...new Map(others.toReversed().map((other) => [other.issue.toLowerCase(), other])).values(),
  ].toReversed();
  const isTooMany = unique.length > MAX_BLOCKERS;
  return {
    blockedBy: unique.slice(0, MAX_BLOCKERS).map(({ issue, expectedTitle }) => ({
      issue,
      ...(expectedTitle === undefined ? {} : { expectedTitle }),
    })),
    problems: [
      ...(others.length < references.length ? ["The issue names itself as its blocker; I ignore that."] : []),
      ...(isTooMany ? [`The issue names more than ${MAX_BLOCKERS} blockers; I watch the first ${MAX_BLOCKERS}.`] : []),
    ],
  };
}

/** True when a reference is to the issue it stands in; the forge ignores case. */
function isSelf(issue: TaskId, self: IssueRef | undefined): boolean {
  return self !== undefined && issue.toLowerCase() === taskIdFrom(self).toLowerCase();
}
