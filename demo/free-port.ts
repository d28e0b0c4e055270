/** A port of 127.0.0.1 that nobody listens on, for a process that must be told its port before it starts. */
import { once } from "node:events";
import { createServer } from "node:net";

/** Free a moment ago: nothing else is promised. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
