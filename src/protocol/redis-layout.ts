/** Where bot and runners meet in Redis: names of keys, queues and channels. Keys of one task share a hash tag. */
import type { RunId, TaskId } from "../domain/ids.ts";

/** Prefix of BullMQ's own keys. */
export const QUEUE_PREFIX = "steward-queue";
/** Queue of requests to advance a task; deduplicated by task. */
export const ADVANCE_QUEUE = "advance";
/** Channel on which the run id of a cancelled run is published. */
export const CANCEL_CHANNEL = "steward:cancel";
/** Stream of log chunks of all runs, capped. */
export const LOG_STREAM = "steward:logs";
/** Sorted set of live runners by the time of their last heartbeat. */
export const HEARTBEATS_KEY = "steward:heartbeats";
/** Set of the label sets that jobs were ever queued for, one queue each. */
export const LABEL_SETS_KEY = "steward:label-sets";

/** A runner says that it lives this often. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** A runner that has not said so for this long is lost: its runs are given to others (specification 18: lock 6 s). */
export const RUNNER_LOST_MS = 6_000;
/** A runner that could not say so for this long kills what it runs, well before the bot gives it to somebody else. */
export const RUNNER_FENCE_MS = 4_000;
/** How long a run is remembered: a bot that was down as long would give its id out again. */
export const RUN_RETENTION_SECONDS = 7 * 86_400;

/** The task's document. */
export function documentKey(task: TaskId): string {
  return `steward:{${task}}:document`;
}

/** Edits of comments that were announced and not handled yet. */
export function editsKey(task: TaskId): string {
  return `steward:{${task}}:edits`;
}

/** The ledger entry of one run. */
export function runKey(task: TaskId, run: RunId): string {
  return `steward:{${task}}:run:${run}`;
}

/** What a runner says about itself with every heartbeat. */
export function runnerKey(runner: string): string {
  return `steward:runner:${runner}`;
}

/** The runs a runner has leased, as `<run> <task>`. */
export function runnerRunsKey(runner: string): string {
  return `steward:runner:${runner}:runs`;
}

/** A kept gate result, by the hash of all that decides it. */
export function keptResultKey(hash: string): string {
  return `steward:kept-result:${hash}`;
}

/** The canonical form of a label set: sorted, joined by `+`; empty for a job that any runner may take. */
export function labelSet(labels: readonly string[]): string {
  return [...new Set(labels)].sort().join("+");
}

/** The queue of jobs that need exactly this label set. */
export function jobQueueName(set: string): string {
  return set === "" ? "jobs" : `jobs-${set}`;
}

/** True when a runner with `labels` may take jobs of this label set. */
export function canServe(labels: readonly string[], set: string): boolean {
  return set === "" || set.split("+").every((label) => labels.includes(label));
}
