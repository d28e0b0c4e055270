/**
 * The run ledger: the one truth about which runner executes which run, as atomic steps on one Redis hash.
 *
 * waiting -> running (leased to one runner, with a fencing token) -> finished | lost | cancelled. There is no way back: a run
 * that was lost is never given out again, its successor has another id. A result is taken only with the current token.
 */
import { z } from "zod";
import { RUN_RETENTION_SECONDS } from "./redis-layout.ts";

/** What BullMQ carries for a run; the job itself stays in the ledger. */
export const QueuedRun = z.object({ run: z.string(), task: z.string() });
export type QueuedRun = z.infer<typeof QueuedRun>;

/** What a runner says about itself with every heartbeat. */
export const RunnerStatus = z.object({
  id: z.string(),
  protocol: z.number(),
  labels: z.array(z.string()),
  slots: z.number(),
  busy: z.number(),
  sandbox: z.string(),
  workspace: z.string(),
  startedAt: z.number(),
});
export type RunnerStatus = z.infer<typeof RunnerStatus>;

/** KEYS run, document, label sets; ARGV job, label set, the document's version. 1 when the run is new and the document still asks for it. */
export const START_RUN = `
if (redis.call('HGET', KEYS[2], 'version') or '0') ~= ARGV[3] then return 0 end
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'job', ARGV[1], 'set', ARGV[2])
redis.call('SADD', KEYS[3], ARGV[2])
redis.call('EXPIRE', KEYS[1], ${RUN_RETENTION_SECONDS})
return 1`;

/** KEYS run, the runner's runs; ARGV runner, token, now, the run as it is listed there. The job when this runner has it now. */
export const LEASE_RUN = `
if redis.call('HGET', KEYS[1], 'state') ~= 'waiting' then return false end
redis.call('SADD', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[1], 'state', 'running', 'runner', ARGV[1], 'token', ARGV[2], 'startedAt', ARGV[3])
return redis.call('HGET', KEYS[1], 'job')`;

/** KEYS run; ARGV token. 1 while its lease is the current one. */
export const HOLDS_RUN = `
if redis.call('HGET', KEYS[1], 'state') == 'running' and redis.call('HGET', KEYS[1], 'token') == ARGV[1] then return 1 end
return 0`;

/** KEYS run; ARGV token, result, now. 1 when the result was taken. */
export const FINISH_RUN = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' or redis.call('HGET', KEYS[1], 'token') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'finished', 'result', ARGV[2], 'finishedAt', ARGV[3])
redis.call('HDEL', KEYS[1], 'job')
redis.call('EXPIRE', KEYS[1], ${RUN_RETENTION_SECONDS})
return 1`;

/** KEYS run; ARGV runner, reason, 1 when the runner gave it back in order. 1 when the run was this runner's and is lost now. */
export const LOSE_RUN = `
if redis.call('HGET', KEYS[1], 'state') ~= 'running' or redis.call('HGET', KEYS[1], 'runner') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'state', 'lost', 'reason', ARGV[2], 'handedBack', ARGV[3])
redis.call('EXPIRE', KEYS[1], ${RUN_RETENTION_SECONDS})
return 1`;

/** KEYS run. 1 when it had not ended before. */
export const CANCEL_RUN = `
local state = redis.call('HGET', KEYS[1], 'state')
if state ~= 'waiting' and state ~= 'running' then return 0 end
redis.call('HSET', KEYS[1], 'state', 'cancelled')
redis.call('EXPIRE', KEYS[1], ${RUN_RETENTION_SECONDS})
return 1`;

/** KEYS heartbeats, runner; ARGV id, status, milliseconds the status stays. 1 when the runner was known, by Redis' own clock. */
export const BEAT = `
local time = redis.call('TIME')
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], time[1] * 1000 + math.floor(time[2] / 1000), ARGV[1])
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if known then return 1 end
return 0`;

/** KEYS heartbeats; ARGV milliseconds. The runners whose last heartbeat is older than that, by Redis' own clock. */
export const SILENT_RUNNERS = `
local time = redis.call('TIME')
return redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000) - ARGV[1])`;
