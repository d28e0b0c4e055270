/** Deliveries verified, stored and answered by one core, over raw Node that drains the same POST. */
import { type ChildProcess, fork } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { partProcess } from "../src/part-process.ts";
import { INBOX_STREAM } from "../src/queue/redis-inbox.ts";
import { startRedis } from "../test/support/redis.ts";
import type { LoadOrder, LoadReport } from "./load.ts";
import { median, percentile } from "./measure.ts";
import { atLeast, atMost, type Found, rounded } from "./row.ts";

const SECRET = "a-webhook-secret-of-the-bench";
const BODY_BYTES = 10 * 1024;
/** Different deliveries, so that nothing is the same twice in a row. */
const DELIVERIES = 64;
const CONNECTIONS = 32;
const ROUND_MS = 1_500;
const WARM_UP_ROUNDS = 3;
const ROUNDS = 5;
const LATENCY_MS = 4_000;

const Listening = z.object({ port: z.number() });

function delivery(port: number, nth: number): string {
  const comment = { action: "created", issue: { number: nth }, comment: { id: nth, body: "" } };
  const padding = BODY_BYTES - JSON.stringify(comment).length;
  const body = JSON.stringify({ ...comment, comment: { id: nth, body: "x".repeat(padding) } });
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  const head = [
    "POST /webhook/gitea HTTP/1.1",
    `Host: 127.0.0.1:${port}`,
    "User-Agent: Go-http-client/1.1",
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    `X-Gitea-Delivery: ${randomUUID()}`,
    "X-Gitea-Event: issue_comment",
    "X-Gitea-Event-Type: issue_comment",
    `X-Gitea-Signature: ${signature}`,
    `X-Hub-Signature-256: sha256=${signature}`,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** A program of this folder on one core of its own, where there is more than one and the system can pin. */
function start(file: string, args: readonly string[], core: number, options: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const pinned = process.platform === "linux" && availableParallelism() > 1;
  if (!pinned) return fork(path, args, { execArgv: [...options] });
  return fork(path, args, { execPath: "taskset", execArgv: ["-c", `${core}`, process.execPath, ...options] });
}

async function listening(child: ChildProcess): Promise<number> {
  const [message] = await once(child, "message");
  return Listening.parse(message).port;
}

/** Measures it: both servers on the first core, load and Redis on the others, each server asked in turn. */
export async function webhook(): Promise<Found> {
  await using redis = await startRedis();
  const bare = start("./webhook-server.ts", ["bare"], 0);
  const { execArgv: asInProduction } = partProcess("", {});
  const steward = start("./webhook-server.ts", ["steward", redis.url, SECRET], 0, asInProduction);
  const load = start("./load.ts", [], 1);
  const ports = { bare: await listening(bare), steward: await listening(steward) };
  await once(load, "message");
  const store = redis.connect();
  const ask = async (order: Pick<LoadOrder, "port" | "forMs"> & Partial<LoadOrder>): Promise<LoadReport> => {
    const requests = Array.from({ length: DELIVERIES }, (_, nth) => delivery(order.port, nth + 1));
    load.send({ requests, connections: CONNECTIONS, ...order });
    const [report] = await once(load, "message");
    const { answered, refused } = report as LoadReport;
    const stored = await store.xlen(INBOX_STREAM);
    await store.del(INBOX_STREAM);
    if (refused > 0) throw new Error(`${refused} of ${answered} were refused`);
    if (order.port === ports.steward && stored < answered) throw new Error(`${stored} of ${answered} were stored`);
    return report as LoadReport;
  };
  const rates = { bare: [] as number[], steward: [] as number[] };
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const side of ["bare", "steward"] as const) {
      const { answered, tookMs } = await ask({ port: ports[side], forMs: ROUND_MS });
      if (round >= WARM_UP_ROUNDS) rates[side].push((answered / tookMs) * 1_000);
    }
  }
  const [ours, theirs] = [median(rates.steward), median(rates.bare)];
  const half = await ask({ port: ports.steward, forMs: LATENCY_MS, rate: ours / 2 });
  const bareHalf = await ask({ port: ports.bare, forMs: LATENCY_MS, rate: ours / 2 });
  for (const child of [bare, steward, load]) child.disconnect();
  const what = "webhook verified, stored, answered (10 KB)";
  return {
    findings: [
      atLeast({
        what: `${what} over raw Node's POST, one core`,
        value: ours / theirs,
        limit: 0.25,
        beside: `${rounded(ours)}/s; raw Node: ${rounded(theirs)}/s`,
      }),
      atMost({
        what: `${what}: p99 at half that rate`,
        value: percentile(half.latencies, 0.99),
        limit: 15,
        unit: " ms",
        beside: `median ${rounded(median(half.latencies))} ms at ${rounded((half.answered / half.tookMs) * 1_000)}/s; raw Node, as often: ${rounded(percentile(bareHalf.latencies, 0.99))} ms`,
      }),
    ],
    raw: { ...rates, latencies: kept(half), bareLatencies: kept(bareHalf) },
  };
}

function kept({ latencies }: LoadReport): readonly number[] {
  return latencies.map((latency) => Number(latency.toFixed(2)));
}
