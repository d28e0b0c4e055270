/** A hundred thousand deliveries of every hostile kind over real connections: nothing forged is taken, and good ones go through. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import { createRedisInbox } from "../../src/queue/redis-inbox.ts";
import type { ReceiverReport } from "../support/delivery-receiver.ts";
import { createHostileDeliveries } from "../support/hostile-deliveries.ts";
import { createRawClient } from "../support/raw-http.ts";
import { startRedis } from "../support/redis.ts";
import { readRecorded } from "../support/webhook-server.ts";

const RECEIVER = fileURLToPath(new URL("../support/delivery-receiver.ts", import.meta.url));
const SECRET = "known-to-gitea-and-steward";
const DELIVERIES = 100_000;
const CONNECTIONS = 8;
const MAX_BYTES = 128 * 1024;
/** Memory is compared from here on: everything is compiled and every buffer has its size. */
const WARM_AFTER = 20_000;
const LOOK_EVERY = 10_000;
/** What may be under way at a look, in a process that keeps nothing; the bodies that are sent meanwhile are 500 MiB. */
const ROOM_BYTES = 32 * 1024 * 1024;
/** The same with what the collector has not given back to the system. */
const RESIDENT_ROOM_BYTES = 96 * 1024 * 1024;
const LIMIT_MS = 420_000;

const seed = Number(process.env.HOSTILE_SEED ?? Math.floor(Math.random() * 1e9));

interface Receiver extends AsyncDisposable {
  readonly port: number;
  ask(): Promise<ReceiverReport>;
}

async function startReceiver(redisPath: string): Promise<Receiver> {
  const argv = [redisPath, SECRET, `${MAX_BYTES}`];
  const child = fork(RECEIVER, argv, { execArgv: ["--expose-gc"], stdio: ["ignore", "inherit", "ignore", "ipc"] });
  const ended = once(child, "exit");
  const failed = ended.then(([code]) => Promise.reject(new Error(`the receiver ended with ${code}`)));
  const told = async (): Promise<ReceiverReport> => (await Promise.race([once(child, "message"), failed]))[0];
  const { port } = await told();
  return {
    port,
    ask() {
      child.send("report");
      return told();
    },
    async [Symbol.asyncDispose]() {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

test(`of ${DELIVERIES} deliveries the good ones have their effect once, and no other has any: HOSTILE_SEED=${seed}`, {
  timeout: LIMIT_MS,
}, async () => {
  await using redis = await startRedis();
  const recorded = (await readRecorded("gitea-1.26.0")).get("007-assign-one--issue_assign.assigned");
  const payload = JSON.parse(recorded?.body ?? "");
  const next = createHostileDeliveries({ seed, secret: SECRET, payload, maxBytes: MAX_BYTES });
  await using receiver = await startReceiver(redis.url);
  const wrong: string[] = [];
  const kinds = new Set<string>();
  const wanted: number[] = [];
  const looks: ReceiverReport[] = [];
  let sent = 0;

  async function sendUntilDone(): Promise<void> {
    using client = createRawClient(receiver.port);
    while (sent < DELIVERIES) {
      sent += 1;
      const { kind, bytes, answers, end, effect } = next();
      const answer = await client.send(bytes, { end });
      kinds.add(kind);
      if (!answers.includes(answer)) wrong.push(`${kind}: ${answer}`);
      if (effect !== undefined) wanted.push(effect);
    }
  }

  async function watchMemory(): Promise<void> {
    for (let look = WARM_AFTER; look < DELIVERIES; look += LOOK_EVERY) {
      await vi.waitUntil(() => sent >= look, { timeout: LIMIT_MS });
      looks.push(await receiver.ask());
    }
  }

  await Promise.all([watchMemory(), ...Array.from({ length: CONNECTIONS }, sendUntilDone)]);
  const inbox = createRedisInbox({ redis: redis.connect(), blocking: redis.connect() });
  await vi.waitFor(async () => expect(await inbox.size()).toBe(0), { timeout: LIMIT_MS, interval: 100 });

  const last = await receiver.ask();
  expect(wrong).toEqual([]);
  expect(kinds.size).toBe(40);
  expect(new Map(last.emitted)).toEqual(new Map(wanted.map((issue) => [issue, 1])));
  expect(wanted.length).toBeGreaterThan(DELIVERIES / 100);
  const most = (memoryOf: (look: ReceiverReport) => number) => Math.max(...[...looks, last].map(memoryOf));
  const [first = last] = looks;
  expect(most(({ heldBytes }) => heldBytes)).toBeLessThan(first.heldBytes + ROOM_BYTES);
  expect(most(({ residentBytes }) => residentBytes)).toBeLessThan(first.residentBytes + RESIDENT_ROOM_BYTES);
});
