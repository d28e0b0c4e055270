/** `/runs/<id>`: the log of one run as plain text, followed while it grows. The id is the capability. */
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Hono } from "hono";
import { stream } from "hono/streaming";
import { RunId } from "../domain/ids.ts";

/** How often a growing log is looked at. */
const FOLLOW_MS = 200;
/** A reader is let go after this; opening the page again goes on. */
const FOLLOW_LIMIT_MS = 60 * 60 * 1_000;
const CHUNK_BYTES = 64 * 1_024;

/** The routes of run logs; `filesOf` says where a run's log is, `keptDays` how long after its last line. */
export function runLogRoutes(
  filesOf: (run: RunId) => { readonly text: string; readonly end: string },
  keptDays: number,
): Hono {
  const missing = `There is no log of that run: it waits for a runner, or it ended more than ${keptDays} days ago.\n`;
  return new Hono().get("/:run", (context) => {
    const run = RunId.safeParse(context.req.param("run"));
    if (!run.success || !existsSync(filesOf(run.data).text)) return context.text(missing, 404);
    context.header("Content-Type", "text/plain; charset=utf-8");
    context.header("X-Content-Type-Options", "nosniff");
    context.header("Cache-Control", "no-store");
    const files = filesOf(run.data);
    return stream(context, async (out) => {
      const started = performance.now();
      const file = await open(files.text, "r");
      try {
        for (let offset = 0; !out.aborted && performance.now() - started < FOLLOW_LIMIT_MS; ) {
          const complete = existsSync(files.end);
          const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
          if (bytesRead > 0) await out.write(buffer.subarray(0, bytesRead));
          else if (complete) break;
          else await sleep(FOLLOW_MS);
          offset += bytesRead;
        }
      } finally {
        await file.close();
      }
    });
  });
}
