/** Logs of runs, from the runners' stream into files of the data folder, where people read them while they grow. */
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { Logger } from "pino";
import { z } from "zod";
import { RunId } from "../domain/ids.ts";
import { LOG_STREAM } from "../protocol/redis-layout.ts";

/** How long one read of the stream waits for more. */
const BLOCK_MS = 1_000;
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
  /** Copies chunks into files until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

/** Where the log of a run is; a second file beside it says that it is complete. */
export function runLogFiles(folder: string, run: RunId): { readonly text: string; readonly end: string } {
  return { text: join(folder, `${run}.log`), end: join(folder, `${run}.end`) };
}

/** The collector of one bot process; `redis` is a connection of its own, because it blocks. */
export function createRunLogs(redis: Redis, folder: string, log: Logger): RunLogs {
  const cursorFile = join(folder, "cursor");
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  async function collect(): Promise<void> {
    await mkdir(folder, { recursive: true });
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
    start() {
      running = collect();
    },
    async stop() {
      stopped = true;
      await running;
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
