/** The last word on a commit whose gates ended: kept as a notice, because the next document may speak of another commit. */
import type { Task } from "../domain/task.ts";
import { statusesFor, stoppedStatuses } from "../report/commit-statuses.ts";

/** `after`, with what it owes to the commit that `before` had under verification and `after` has not. */
export function withOwedStatuses(before: Task, after: Task, publicUrl: string): Task {
  if (before.phase.state !== "verifying") return after;
  const { verification } = before.phase;
  const { sha } = verification;
  if (after.phase.state === "verifying" && after.phase.verification.sha === sha) return after;
  const judged = after.verdict?.sha === sha && after.verdict !== before.verdict;
  const statuses = judged
    ? statusesFor({ verdict: after.verdict, publicUrl })
    : stoppedStatuses(verification, after.reason, publicUrl);
  return { ...after, notices: [{ kind: "statuses", sha, statuses: [...statuses] }, ...after.notices] };
}
