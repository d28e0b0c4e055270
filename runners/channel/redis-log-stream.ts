/** A run's log on its way to the bot: in order, by a capped Redis stream. */
import type { Redis } from "ioredis";
import type { RunId } from "../../src/domain/ids.ts";
import { LOG_STREAM } from "../../src/protocol/redis-layout.ts";

/** Entries that wait in the stream at most; the oldest go first. Each holds at most `CHUNK_BYTES`. */
const STREAM_ENTRIES = 20_000;
const CHUNK_BYTES = 64 * 1024;
/** Output is gathered this long, so that a chatty program does not become one entry a line. */
const FLUSH_MS = 200;

export interface LogStream {
  write(text: string): void;
  /** Sends what is left and marks the end. */
  end(): Promise<void>;
}

/** Opens the log of a run; each entry names its byte offset, so that writing it twice changes nothing. */
export function openLogStream(redis: Redis, run: RunId, onError: (error: unknown) => void): LogStream {
  let offset = 0;
  let gathered: Buffer[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();

  function send(data: Buffer): void {
    for (let start = 0; start < data.length; start += CHUNK_BYTES) {
      const piece = data.subarray(start, start + CHUNK_BYTES);
      const entry = redis.xadd(
        LOG_STREAM,
        "MAXLEN",
        "~",
        STREAM_ENTRIES,
        "*",
        "run",
        run,
        "offset",
        offset,
        "data",
        piece,
      );
      offset += piece.length;
      sending = Promise.all([sending, entry.catch(onError)]);
    }
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    if (gathered.length === 0) return;
    send(Buffer.concat(gathered));
    gathered = [];
  }

  return {
    write(text) {
      gathered.push(Buffer.from(text));
      timer ??= setTimeout(flush, FLUSH_MS);
    },
    async end() {
      flush();
      await sending;
      await redis
        .xadd(LOG_STREAM, "MAXLEN", "~", STREAM_ENTRIES, "*", "run", run, "offset", offset, "end", "1")
        .catch(onError);
    },
  };
}
