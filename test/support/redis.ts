/** A private Redis process on a unix socket, for one test file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Redis } from "ioredis";

export interface TestRedis extends AsyncDisposable {
  /** What REDIS_URL would be: the path of the socket. */
  readonly url: string;
  readonly options: { readonly path: string; readonly maxRetriesPerRequest: null };
  /** A new connection that `stop` closes. */
  connect(): Redis;
  stop(): Promise<void>;
}

/** Starts a Redis that keeps nothing on disk and resolves when it answers. */
export async function startRedis(): Promise<TestRedis> {
  const folder = await mkdtemp(join(tmpdir(), "steward-redis-"));
  const path = join(folder, "redis.sock");
  const server = spawn(
    "redis-server",
    ["--port", "0", "--unixsocket", path, "--dir", folder, "--save", "", "--appendonly", "no"],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = once(server, "exit");
  await readyToAccept(createInterface({ input: server.stdout }));
  server.stdout.resume();

  // BullMQ's workers want no limit of retries; the same options serve everything.
  const options = { path, maxRetriesPerRequest: null };
  const connections: Redis[] = [];

  async function stop(): Promise<void> {
    for (const connection of connections) connection.disconnect();
    server.kill("SIGKILL");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }

  return {
    url: path,
    options,
    connect() {
      const connection = new Redis(options);
      connections.push(connection);
      return connection;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function readyToAccept(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) if (line.includes("eady to accept connections")) return;
  throw new Error("redis-server ended before it was ready");
}
