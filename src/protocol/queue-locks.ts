/** BullMQ's locks on jobs, in all processes alike, and what keeps them as short as they were made. */
import { QUEUE_PREFIX } from "./redis-layout.ts";

/** A process that died in the middle of a job loses it after this long (specification 18). */
export const JOB_LOCK_MS = 6_000;
/** How often jobs without a lock are looked for; by one process at a time, which locks this, too. */
export const STALLED_CHECK_MS = 2_000;

/** KEYS stalled check, active jobs; ARGV start of the name of a job's lock, milliseconds. */
const CAP_LOCKS = `
local function cap(lock)
  if redis.call('PTTL', lock) > tonumber(ARGV[2]) then redis.call('PEXPIRE', lock, ARGV[2]) end
end
cap(KEYS[1])
for _, job in ipairs(redis.call('LRANGE', KEYS[2], 0, -1)) do cap(ARGV[1] .. job .. ':lock') end`;

/**
 * The arguments of the `eval` after which no lock of this queue lasts longer than it was made for. Redis ends a key at a time of its
 * clock: where that is set back by an hour, a lock would last an hour more, and so would a job whose process died.
 */
export function capLocks(queue: string) {
  const key = (name: string) => `${QUEUE_PREFIX}:${queue}:${name}`;
  return [CAP_LOCKS, 2, key("stalled-check"), key("active"), key(""), `${JOB_LOCK_MS}`] as const;
}
