/** The HTTP server: health, readiness, and run logs that are read while they grow. */
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openLogStream } from "../../../runners/channel/redis-log-stream.ts";
import { runLogRoutes } from "../../../src/dashboard/run-log.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createRunLogs, type RunLogs, runLogFiles } from "../../../src/queue/redis-run-logs.ts";
import { createHttpServer } from "../../../src/server.ts";
import { startRedis, type TestRedis } from "../../support/redis.ts";
import { runId } from "../../support/sample-task.ts";

let redis: TestRedis;
let folder: string;
let logs: RunLogs;
let server: Server;
let url: string;
let reasons: string[];

beforeEach(async () => {
  redis = await startRedis();
  folder = await mkdtemp(join(tmpdir(), "steward-logs-"));
  reasons = [];
  logs = createRunLogs(redis.connect(), folder, systemClock, pino({ level: "silent" }));
  await logs.start();
  server = createHttpServer({
    webhook: async () => false,
    runLogs: runLogRoutes((run) => runLogFiles(folder, run), 30),
    notReady: async () => reasons,
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await logs.stop();
  await redis.stop();
  await rm(folder, { recursive: true });
});

function log(n: number) {
  return openLogStream(redis.connect(), runId(n), (error) => {
    throw error;
  });
}

test("it is alive, and ready when nothing keeps it from work", async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
  reasons = ["Redis is not reachable."];
  const response = await fetch(`${url}/readyz`);
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ ready: false, reasons: ["Redis is not reachable."] });
});

test("an unknown page, run, or something that is no run id is not found", async () => {
  expect((await fetch(`${url}/`)).status).toBe(404);
  const missing = await fetch(`${url}/runs/${runId(9)}`);
  expect([missing.status, await missing.text()]).toEqual([
    404,
    "There is no log of that run: it waits for a runner, or it ended more than 30 days ago.\n",
  ]);
  expect((await fetch(`${url}/runs/..%2fcursor`)).status).toBe(404);
});

test("a log is plain text and is followed until its run ends", async () => {
  const stream = log(1);
  stream.write("first\n");
  const response = await vi.waitFor(async () => {
    const answer = await fetch(`${url}/runs/${runId(1)}`);
    expect(answer.status).toBe(200);
    return answer;
  });
  expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe("first\n");
  stream.write("second\n");
  expect((await reader?.read())?.value).toBe("second\n");
  await stream.end();
  expect((await reader?.read())?.done).toBe(true);
});

test("a collector that starts again writes nothing twice", async () => {
  const stream = log(2);
  stream.write("a".repeat(100_000));
  await stream.end();
  await vi.waitFor(async () => expect((await (await fetch(`${url}/runs/${runId(2)}`)).text()).length).toBe(100_000));
  await rm(join(folder, "cursor"));
  const again = createRunLogs(redis.connect(), folder, systemClock, pino({ level: "silent" }));
  await again.start();
  const other = log(3);
  other.write("x");
  await other.end();
  await vi.waitFor(async () => expect((await fetch(`${url}/runs/${runId(3)}`)).status).toBe(200));
  await again.stop();
  expect((await (await fetch(`${url}/runs/${runId(2)}`)).text()).length).toBe(100_000);
});

test("a log is removed 30 days after its last line, and not before", async () => {
  const stream = log(4);
  stream.write("x");
  await stream.end();
  const files = [`${runId(4)}.end`, `${runId(4)}.log`];
  await vi.waitFor(async () => expect(await readdir(folder)).toEqual(expect.arrayContaining(files)));
  await logs.stop();
  async function startAfter(days: number): Promise<void> {
    const clock = { now: () => systemClock.now() + days * 86_400_000 };
    logs = createRunLogs(redis.connect(), folder, clock, pino({ level: "silent" }));
    await logs.start();
  }
  await startAfter(29);
  await logs.stop();
  expect(await readdir(folder)).toEqual(expect.arrayContaining(files));
  await startAfter(31);
  await vi.waitFor(async () => expect(await readdir(folder)).toEqual(["cursor"]));
});
