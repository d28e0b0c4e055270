/** A process that posts over some connections that stay open; told by messages what to post, how long, and how often. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** What is to be done. */
export interface LoadOrder {
  readonly port: number;
  /** Whole requests, used in turn. */
  readonly requests: readonly string[];
  readonly connections: number;
  readonly forMs: number;
  /** Requests a second; absent: as many as are answered. */
  readonly rate?: number;
}

/** What came of it. */
export interface LoadReport {
  readonly answered: number;
  readonly refused: number;
  readonly tookMs: number;
  /** Milliseconds from the moment in which a request was due to its answer. */
  readonly latencies: readonly number[];
}

const ANSWER_END = "\r\n\r\n";
/** A timer that is set for longer than this fires too late to keep a rate. */
const TICK_MS = 1;

async function post({ port, requests, connections, forMs, rate }: LoadOrder): Promise<LoadReport> {
  const bodies = requests.map((text) => Buffer.from(text, "latin1"));
  const sockets = await Promise.all(Array.from({ length: connections }, () => opened(port)));
  const latencies: number[] = [];
  const due: number[] = [];
  const idle: Socket[] = [];
  let sent = 0;
  let refused = 0;
  const start = performance.now();
  const isOver = () => performance.now() - start >= forMs;
  const next = (socket: Socket): void => {
    const at = rate === undefined ? performance.now() : due.shift();
    if (at === undefined) return void idle.push(socket);
    socket.once("data", (answer: Buffer) => {
      if (!answer.includes(ANSWER_END) || !answer.toString("latin1", 9, 12).startsWith("20")) refused += 1;
      latencies.push(performance.now() - at);
      if (!isOver()) next(socket);
    });
    socket.write(bodies[sent++ % bodies.length] ?? "");
  };
  for (const socket of sockets) next(socket);
  let planned = 0;
  const ticking = setInterval(() => {
    if (rate === undefined) return;
    for (; planned < ((performance.now() - start) / 1_000) * rate; planned += 1) {
      due.push(start + (planned / rate) * 1_000);
      const socket = idle.pop();
      if (socket) next(socket);
    }
  }, TICK_MS);
  await new Promise((resolve) => setTimeout(resolve, forMs));
  clearInterval(ticking);
  const tookMs = performance.now() - start;
  for (const socket of sockets) socket.destroy();
  return { answered: latencies.length, refused, tookMs, latencies };
}

async function opened(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  return socket.setNoDelay(true);
}

process.on("message", async (order: LoadOrder) => process.send?.(await post(order)));
process.on("disconnect", () => process.exit());
process.send?.("ready");
