/** A private redis-server in the data folder, for an instance that was given none. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { UserError } from "../domain/errors.ts";

/** Longest path of a unix socket that every system takes. */
const SOCKET_PATH_LENGTH = 100;
/** A server that does not answer within this is not coming. */
const START_MS = 10_000;
const POLL_MS = 20;
/** The client waits this long for a connection to close even when the server has closed it before. */
const DISCONNECT_MS = 50;

export interface RedisServerProcess {
  /** Path of the unix socket. */
  readonly socket: string;
  /** It ran already when it was asked for: somebody else uses it. */
  readonly adopted: boolean;
  /** Starts it again when it died; does nothing when it answers. */
  ensure(): Promise<void>;
  /** Ends it after everything is on disk. */
  shutdown(): Promise<void>;
}

/**
 * The server of this data folder: the one a killed predecessor left running, or a new one. Every change is on disk within a
 * second, it outlives its parent, and only `shutdown` ends it.
 */
export async function ensureRedisServer(dataFolder: string): Promise<RedisServerProcess> {
  const folder = join(dataFolder, "redis");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = socketPath(folder);

  async function ensure(): Promise<void> {
    if (await answers(socket)) return;
    await start(folder, socket);
    const deadline = performance.now() + START_MS;
    while (!(await answers(socket))) {
      if (performance.now() > deadline) throw notComing(folder);
      await sleep(POLL_MS);
    }
  }

  const adopted = await answers(socket);
  await ensure();
  return {
    socket,
    adopted,
    ensure,
    async shutdown() {
      const redis = connect(socket);
      try {
        // The server closes the connection instead of answering.
        await redis.shutdown("NOSAVE").catch(() => undefined);
      } finally {
        redis.disconnect();
      }
    },
  };
}

function socketPath(folder: string): string {
  const inside = join(folder, "redis.sock");
  if (inside.length <= SOCKET_PATH_LENGTH) return inside;
  return join(tmpdir(), `steward-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}.sock`);
}

async function start(folder: string, socket: string): Promise<void> {
  const output = await open(join(folder, "redis.log"), "a");
  const options = {
    port: "0",
    unixsocket: socket,
    unixsocketperm: "700",
    dir: folder,
    save: "",
    appendonly: "yes",
    appendfsync: "everysec",
    "maxmemory-policy": "noeviction",
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn("redis-server", args, { detached: true, stdio: ["ignore", output.fd, output.fd] });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => reject(missing(error)));
  });
  child.unref();
  await output.close();
}

async function answers(socket: string): Promise<boolean> {
  const redis = connect(socket);
  try {
    await redis.connect();
    return (await redis.ping()) === "PONG";
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}

function connect(socket: string): Redis {
  const redis = new Redis({
    path: socket,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    disconnectTimeout: DISCONNECT_MS,
  });
  // Whoever asked sees the failure as the call's rejection.
  redis.on("error", () => undefined);
  return redis;
}

function missing(cause: Error): UserError {
  const way = "Install redis-server (on Debian: apt-get install redis-server), or set REDIS_URL to a Redis that runs.";
  return new UserError("REDIS_MISSING", `redis-server could not be started. ${way}`, { cause });
}

function notComing(folder: string): UserError {
  return new UserError(
    "REDIS_UNREACHABLE",
    `The private redis-server does not answer; its last words are in ${folder}/redis.log.`,
  );
}
