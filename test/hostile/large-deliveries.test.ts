/** Deliveries as large as the bot takes, deep, huge and broken, to the real bot: it answers each, does not grow, and works on. */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createHostileDeliveries } from "../support/hostile-deliveries.ts";
import { type HostileLoop, openHostileLoop } from "../support/hostile-loop.ts";
import { pidOfPart } from "../support/part-of.ts";
import { createRawClient } from "../support/raw-http.ts";
import { readRecorded } from "../support/webhook-server.ts";

/** What the bot takes, as its own file says. */
const MAX_BYTES = 5 * 1024 * 1024;
const DELIVERIES = 200;
/** Memory is looked at from here on: most kinds were there. */
const WARM_AFTER = 40;
/** The most of one half of the looks over the most of the other: when the collector runs is chance. The bodies of a half are 300 MiB. */
const ROOM_KIB = 96 * 1024;
const LIMIT_MS = 420_000;

const seed = Number(process.env.HOSTILE_SEED ?? Math.floor(Math.random() * 1e9));

let loop: HostileLoop;

beforeAll(async () => {
  loop = await openHostileLoop({ failures: 0 });
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write((await readFile(loop.steward.logFile, "utf8")).slice(-20_000)));
});

afterAll(() => loop[Symbol.asyncDispose]());

function residentKib(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

test(`of ${DELIVERIES} that are up to 5 MiB none breaks the bot or makes it grow: HOSTILE_SEED=${seed}`, {
  timeout: LIMIT_MS,
}, async () => {
  const recorded = (await readRecorded("gitea-1.26.0")).get("007-assign-one--issue_assign.assigned");
  const payload = JSON.parse(recorded?.body ?? "");
  const secret = loop.secrets.webhookSecret;
  const next = createHostileDeliveries({ seed, secret, payload, maxBytes: MAX_BYTES, onlyLarge: true });
  const bot = pidOfPart(loop.folder, "serve");
  using client = createRawClient(Number(new URL(loop.steward.url).port));
  const wrong: string[] = [];
  const kinds = new Set<string>();
  const resident: number[] = [];
  for (let sent = 0; sent < DELIVERIES; sent += 1) {
    const { kind, bytes, answers, end } = next();
    const answer = await client.send(bytes, { end });
    kinds.add(kind);
    if (!answers.includes(answer)) wrong.push(`${kind}: ${answer}`);
    if (sent >= WARM_AFTER) resident.push(residentKib(bot));
  }
  expect(wrong).toEqual([]);
  expect(kinds.size).toBe(15);
  const half = resident.length / 2;
  expect(Math.max(...resident.slice(half))).toBeLessThan(Math.max(...resident.slice(0, half)) + ROOM_KIB);

  const issue = await loop.attack("good");
  await loop.until(issue, "review");
  expect(pidOfPart(loop.folder, "serve")).toBe(bot);
});
