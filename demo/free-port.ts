/** A port of 127.0.0.1 that nobody listens on, for a process that must be told its port before it starts. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that systems hand out by themselves: one of these could belong to anybody's connection before its process listens. */
const PORTS = { first: 20_000, last: 32_000 };
const TRIES = 100;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** Free a moment ago: nothing else is promised. */
export async function freePort(): Promise<number> {
  for (let time = 0; time < TRIES; time += 1) {
    const port = randomInt(PORTS.first, PORTS.last);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port between ${PORTS.first} and ${PORTS.last} is free`);
}
