/** Task documents in Redis, changed by compare-and-set. */
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { z } from "zod";
import { issueRefFrom, TaskId, taskIdFrom } from "../domain/ids.ts";
import { isOpen, Task } from "../domain/task.ts";
import { parseJson } from "../lib/parse-json.ts";
import type { AnnouncedEdit, TaskStore } from "../ports/task-store.ts";
import { documentKey, editsKey } from "../protocol/redis-layout.ts";
import { nextVersion } from "./next-version.ts";

/** Tasks a page of `listOpen` holds. */
const PAGE_SIZE = 100;
/** Edits that nobody handled are forgotten after a week. */
const EDITS_RETENTION_SECONDS = 7 * 86_400;
const OPEN_KEY = "steward:open";
const PULLS_KEY = "steward:pulls";
const TURN_KEY = "steward:turn";

/** KEYS document; ARGV expected version, new version, text. Nil when somebody else was first. */
const WRITE_DOCUMENT = `
local version = redis.call('HGET', KEYS[1], 'version') or '0'
if version ~= ARGV[1] then return false end
redis.call('HSET', KEYS[1], 'version', ARGV[2], 'text', ARGV[3])
return 1`;

/** KEYS document; ARGV version. Drops the document unless somebody has written it meanwhile. */
const DROP_DOCUMENT = `
if (redis.call('HGET', KEYS[1], 'version') or '0') == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`;

const Edit = z.object({
  key: z.string(),
  comment: z.number(),
  thread: z.number(),
  editor: z.object({ id: z.number(), login: z.string() }),
  before: z.string(),
  after: z.string(),
});

function pullOf(task: TaskId, pull: number): TaskId {
  return taskIdFrom({ repository: issueRefFrom(task).repository, number: pull });
}

function waitsKey(issue: TaskId): string {
  return `steward:waits:{${issue}}`;
}

/** A task store over one Redis connection, which stays the caller's. */
export function createRedisTaskStore(redis: Redis, log: Logger): TaskStore {
  async function index(task: Task): Promise<void> {
    const work = redis.pipeline();
    if (isOpen(task)) work.zadd(OPEN_KEY, "NX", task.createdAt, task.id);
    else work.zrem(OPEN_KEY, task.id);
    const waits = task.phase.state === "blocked";
    for (const issue of task.blockedBy) {
      if (waits) work.sadd(waitsKey(issue), task.id);
      else work.srem(waitsKey(issue), task.id);
    }
    if (task.pull !== undefined) work.hset(PULLS_KEY, pullOf(task.id, task.pull), task.id);
    await work.exec();
  }

  return {
    async read(task) {
      const [text, version] = await redis.hmget(documentKey(task), "text", "version");
      if (typeof text !== "string") return undefined;
      const document = Task.safeParse(parseJson(text));
      if (document.success) return document.data;
      log.warn({ err: document.error, task }, "document cannot be read and is dropped");
      await redis.eval(DROP_DOCUMENT, 1, documentKey(task), version ?? "0");
      return undefined;
    },

    async write(task) {
      const stored: Task = { ...task, version: nextVersion(task.version) };
      const text = JSON.stringify(stored);
      const key = documentKey(task.id);
      const written = await redis.eval(WRITE_DOCUMENT, 1, key, `${task.version}`, `${stored.version}`, text);
      if (written === null) return undefined;
      await index(stored);
      return stored;
    },

    async listOpen(page) {
      const first = (page - 1) * PAGE_SIZE;
      const ids = await redis.zrange(OPEN_KEY, `${first}`, `${first + PAGE_SIZE - 1}`);
      return ids.map((id) => TaskId.parse(id));
    },

    async readTurn() {
      const { assigned = "1", open = "1" } = await redis.hgetall(TURN_KEY);
      return { assigned: Number(assigned), open: Number(open) };
    },

    async writeTurn({ assigned, open }) {
      await redis.hset(TURN_KEY, { assigned, open });
    },

    async waitingFor(issue) {
      const ids = await redis.smembers(waitsKey(issue));
      return ids.map((id) => TaskId.parse(id));
    },

    async taskOfPull(pull) {
      const task = await redis.hget(PULLS_KEY, pull);
      return task === null ? undefined : TaskId.parse(task);
    },

    async announceEdit(task, edit: AnnouncedEdit) {
      await redis
        .multi()
        .hset(editsKey(task), edit.key, JSON.stringify(edit))
        .expire(editsKey(task), EDITS_RETENTION_SECONDS)
        .exec();
    },

    async listEdits(task) {
      const edits = await redis.hvals(editsKey(task));
      // What cannot be read is as if nobody had told of it.
      const known = edits.flatMap((edit) => Edit.safeParse(parseJson(edit)).data ?? []);
      return known.sort((a, b) => (a.key < b.key ? -1 : 1));
    },

    async forgetEdits(task, keys) {
      if (keys.length > 0) await redis.hdel(editsKey(task), ...keys);
    },
  };
}
