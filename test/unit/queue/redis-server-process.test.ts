/** The private Redis: it outlives its parent, is adopted, keeps what it was told, and ends when asked. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ensureRedisServer } from "../../../src/queue/redis-server-process.ts";

let folder: string;
const clients: Redis[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-private-"));
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await (await ensureRedisServer(folder)).shutdown();
  await rm(folder, { recursive: true, force: true });
});

function connect(socket: string): Redis {
  const client = new Redis(socket, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on("error", () => undefined);
  clients.push(client);
  return client;
}

async function processId(client: Redis): Promise<number> {
  return Number(/process_id:(\d+)/.exec(await client.info("server"))?.[1]);
}

test("a second start adopts the server that runs", async () => {
  const client = connect((await ensureRedisServer(folder)).socket);
  const pid = await processId(client);
  await ensureRedisServer(folder);
  expect(await processId(client)).toBe(pid);
});

test("what was written survives a kill -9 and an ordered shutdown", async () => {
  const server = await ensureRedisServer(folder);
  const client = connect(server.socket);
  await client.set("kept", "yes");
  await client.config("SET", "appendfsync", "always");
  await client.set("kept", "still");
  process.kill(await processId(client), "SIGKILL");
  await vi.waitFor(async () => expect(client.status).not.toBe("ready"));
  await server.ensure();
  expect(await client.get("kept")).toBe("still");
  await server.shutdown();
  await server.ensure();
  expect(await client.get("kept")).toBe("still");
});

test("it evicts nothing and listens on no port", async () => {
  const client = connect((await ensureRedisServer(folder)).socket);
  expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
  expect(await client.config("GET", "port")).toEqual(["port", "0"]);
  expect(await client.config("GET", "appendonly")).toEqual(["appendonly", "yes"]);
});

test("a folder with a long path gets its socket elsewhere", async () => {
  const long = join(folder, "x".repeat(120));
  const server = await ensureRedisServer(long);
  expect(server.socket.length).toBeLessThan(100);
  expect(await connect(server.socket).ping()).toBe("PONG");
  await server.shutdown();
});
