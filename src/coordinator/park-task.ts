/** Parks a task: stops, keeps the work, and says to a person why and how to go on. */
import { createHash } from "node:crypto";
import { commentKeyLine } from "../domain/comment-key.ts";
import { issueRefFrom } from "../domain/ids.ts";
import { enterPhase, type ParkCode, type Task } from "../domain/task.ts";
import { parkedComment } from "../report/parked-comment.ts";
import type { Deps } from "./deps.ts";

/** Enough of a hash to tell the stops of one task apart. */
const OCCASION_LENGTH = 16;

/** The parked task, with the comment that tells so; `body` replaces the usual text. */
export function parkTask(deps: Deps, task: Task, code: ParkCode, detail: string, body?: string): Task {
  const since = deps.clock.now();
  const parked = enterPhase(task, { state: "parked", code, detail, since }, detail);
  const text = body ?? parkedComment({ task: parked, code, detail, limits: deps.limits });
  return withComment(parked, `parked:${code}:${occasion(task)}`, text);
}

/** The same for the same stop, also in a task that was rebuilt: only what Gitea remembers counts. */
function occasion({ assignment, handled, sessions, head, contentHash }: Task): string {
  const facts = JSON.stringify([assignment, handled, sessions.length, head, contentHash]);
  return createHash("sha256").update(facts).digest("hex").slice(0, OCCASION_LENGTH);
}

/** The task with one more comment to be made on its issue, by key. */
export function withComment(task: Task, key: string, body: string): Task {
  const thread = issueRefFrom(task.id).number;
  const notice = { kind: "comment" as const, key, thread, body: `${commentKeyLine(key)}\n${body}` };
  return { ...task, notices: [...task.notices, notice] };
}
