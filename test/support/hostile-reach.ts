/** Everything on this machine that a sandbox must not reach, really there and really answering. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { startRedis } from "./redis.ts";

/** Prints for each of its arguments (a path, `@name` for an abstract socket, or `host:port`) whether anybody listens there. */
const KNOCK = `
const { connect } = require("node:net");
const knock = (target) => new Promise((resolve) => {
  const [, host, port] = /^(.*):(\\d+)$/.exec(target) ?? [];
  const socket = connect(port ? { host, port: Number(port) } : { path: target.replace(/^@/, "\\0") });
  const tell = (what) => { socket.destroy(); resolve(target + " " + what); };
  socket.setTimeout(3000, () => tell("silent")).on("connect", () => tell("reached")).on("error", (e) => tell(e.code));
});
Promise.all(process.argv.slice(1).map(knock)).then((lines) => { console.log(lines.join("\\n")); process.exit(); });
`;

/** What listens, and how to knock at it. */
export interface HostileReach extends AsyncDisposable {
  /** Redis by socket and by port, a bot's port on every address of the machine, and an abstract socket. */
  readonly targets: readonly string[];
  /** A command that knocks at the targets and at those that are added. */
  knocking(...more: readonly string[]): readonly [string, ...string[]];
  /** What the same command prints outside of any sandbox. */
  knockOutside(...more: readonly string[]): Promise<string>;
}

async function listening(server: Server, where: { path: string } | { port: number; host: string }): Promise<Server> {
  server.listen(where);
  await once(server, "listening");
  return server;
}

/** Starts all of it. */
export async function openHostileReach(): Promise<HostileReach> {
  const redis = await startRedis();
  const folder = await mkdtemp(join(tmpdir(), "steward-reach-"));
  const socket = join(folder, "bot.sock");
  const abstract = `steward-reach-${folder.slice(-6)}`;
  // Anybody may connect: what keeps a sandbox from it is the sandbox.
  await Promise.all([folder, dirname(redis.url)].map((path) => chmod(path, 0o777)));
  await chmod(redis.url, 0o777);
  const greet = () => createServer((client) => void client.on("error", () => client.destroy()).end("hello"));
  const forward = createServer((client) => {
    const inner = connect(redis.url);
    client
      .on("error", () => inner.destroy())
      .pipe(inner.on("error", () => client.destroy()))
      .pipe(client);
  });
  const redisByPort = await listening(forward, { port: 0, host: "127.0.0.1" });
  const bot = await listening(greet(), { port: 0, host: "::" });
  const bySocket = await listening(greet(), { path: socket });
  const byName = await listening(greet(), { path: `\0${abstract}` });
  await chmod(socket, 0o777);
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address));
  const own = ["127.0.0.1", ...addresses.filter((address) => !address.startsWith("fe80"))];
  const botByPort = [...new Set(own)].map((address) => `${address}:${portOf(bot)}`);
  const targets = [redis.url, `127.0.0.1:${portOf(redisByPort)}`, ...botByPort, socket, `@${abstract}`];
  const knocking: HostileReach["knocking"] = (...more) => [process.execPath, "-e", KNOCK, ...targets, ...more];
  return {
    targets,
    knocking,
    async knockOutside(...more) {
      const [program, ...args] = knocking(...more);
      return (await promisify(execFile)(program, args)).stdout;
    },
    async [Symbol.asyncDispose]() {
      for (const server of [redisByPort, bot, bySocket, byName]) server.close();
      await redis.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
