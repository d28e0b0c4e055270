/** A request to advance a task, as bot and runners queue it: deduplicated by task, the newest kept while one is active. */
import { z } from "zod";
import { TaskId } from "../domain/ids.ts";

/** What a request says. */
export const AdvanceRequest = z.object({ task: TaskId });
export type AdvanceRequest = z.infer<typeof AdvanceRequest>;

/** The arguments of the queue's `add`. */
export function advanceRequest(task: TaskId) {
  const deduplication = { id: task, keepLastIfActive: true };
  const data: AdvanceRequest = { task };
  return ["advance", data, { deduplication, removeOnComplete: true, removeOnFail: true, attempts: 1 }] as const;
}
