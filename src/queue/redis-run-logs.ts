/** Logs of runs, from the runners' stream into files of the data folder, where people read them while they grow. */
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { z } from "zod";
import { RunId } from "../domain/ids.ts";
import type { Clock } from "../lib/clock.ts";
import { LOG_STREAM } from "../protocol/redis-layout.ts";

/** How long one read of the stream waits for more. */
const BLOCK_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** Days that a log is kept after its last line. */
export const RUN_LOG_DAYS = 30;
/** Chunks that one read takes. */
const BATCH = 200;

const Entry = z.object({
  run: RunId,
  offset: z.coerce.number().int().nonnegative(),
  data: z.instanceof(Buffer).optional(),
  end: z.boolean(),
});
type Entry = z.infer<typeof Entry>;

export interface RunLogs {
  /** Copies chunks into files until `stop`, and removes old files now and every day. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Where the log of a run is; a second file beside it says that it is complete. */
export function runLogFiles(folder: string, run: RunId): { readonly text: string; readonly end: string } {
  return { text: join(folder, `${run}.log`), end: join(folder, `${run}.end`) };
}

/** Removes the logs that have not grown for so long. */
async function sweep(folder: string, now: number): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log") || name.endsWith(".end"));
  for (const file of names.map((name) => join(folder, name))) {
    if (now - (await stat(file)).mtimeMs > RUN_LOG_DAYS * DAY_MS) await rm(file, { force: true });
  }
}

/** The collector of one bot process; `redis` is a connection of its own, because it blocks. */
export function createRunLogs(redis: Redis, folder: string, clock: Clock, log: Logger): RunLogs {
  const cursorFile = join(folder, "cursor");
  let stopped = false;
  let running: Promise<void> = Promise.resolve();
  let swept: Promise<void> = Promise.resolve();
  let sweeping: NodeJS.Timeout | undefined;

  async function collect(): Promise<void> {
    let cursor = await readFile(cursorFile, "utf8").catch(() => "0-0");
    while (!stopped) {
      try {
        cursor = await copyBatch(cursor);
      } catch (error) {
        if (!stopped) log.warn({ err: error }, "run logs: reading failed, trying again");
        await new Promise((resolve) => setTimeout(resolve, BLOCK_MS));
      }
    }
  }

  function sweepOld(): void {
    swept = sweep(folder, clock.now()).catch((error: unknown) => {
      log.warn({ err: error }, "run logs: sweeping failed");
    });
  }

  async function copyBatch(cursor: string): Promise<string> {
    const answer = await redis.xreadBuffer("COUNT", BATCH, "BLOCK", BLOCK_MS, "STREAMS", LOG_STREAM, cursor);
    const entries = answer?.[0]?.[1] ?? [];
    for (const [, fields] of entries) await writeEntry(entryFrom(fields));
    const last = entries.at(-1)?.[0].toString();
    if (last === undefined) return cursor;
    await writeFile(`${cursorFile}.new`, last);
    await rename(`${cursorFile}.new`, cursorFile);
    return last;
  }

  async function writeEntry(entry: Entry): Promise<void> {
    const files = runLogFiles(folder, entry.run);
    const file = await open(files.text, "a+").then((handle) => handle.close().then(() => open(files.text, "r+")));
    try {
      if (entry.data) await file.write(entry.data, 0, entry.data.length, entry.offset);
    } finally {
      await file.close();
    }
    if (entry.end) await writeFile(files.end, "");
  }

  return {
    async start() {
      await mkdir(folder, { recursive: true });
      running = collect();
      sweepOld();
      sweeping = setInterval(sweepOld, DAY_MS);
    },
    async stop() {
      stopped = true;
      clearInterval(sweeping);
      await Promise.all([running, swept]);
    },
  };
}

function entryFrom(fields: readonly Buffer[]): Entry {
  const values = new Map<string, Buffer>();
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [name, value] = fields.slice(index, index + 2);
    if (name && value) values.set(name.toString(), value);
  }
  return Entry.parse({
    run: values.get("run")?.toString(),
    offset: values.get("offset")?.toString(),
    data: values.get("data"),
    end: values.has("end"),
  });
}
