/** Parks a task: stops, keeps the work, and says to a person why and how to go on. */
import { commentKeyLine } from "../domain/comment-key.ts";
import { issueRefFrom } from "../domain/ids.ts";
import { enterPhase, type ParkCode, type Task } from "../domain/task.ts";
import { parkedComment } from "../report/parked-comment.ts";
import type { Deps } from "./deps.ts";

/** The parked task, with the comment that tells so; `body` replaces the usual text. */
export function parkTask(deps: Deps, task: Task, code: ParkCode, detail: string, body?: string): Task {
  const since = deps.clock.now();
  const parked = enterPhase(task, { state: "parked", code, detail, since }, detail);
  const text = body ?? parkedComment({ task: parked, code, detail, limits: deps.limits });
  return withComment(parked, `parked:${code}:${task.version}`, text);
}

/** The task with one more comment to be made on its issue, by key. */
export function withComment(task: Task, key: string, body: string): Task {
  const thread = issueRefFrom(task.id).number;
  const notice = { kind: "comment" as const, key, thread, body: `${commentKeyLine(key)}\n${body}` };
  return { ...task, notices: [...task.notices, notice] };
}
