/** The way out for set-up: an HTTPS proxy on a unix socket that knows a list of hosts and nothing else. */

import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createRefusals, type Refusals } from "../refusals.ts";
import { createAddressRule } from "./egress-addresses.ts";
import { isAllowed, isMeantLiterally, parseTarget, type Target } from "./egress-targets.ts";

/** A connection on which nothing moved for so long is given up. */
const IDLE_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** The job's user must be able to connect; who may reach the socket's folder is decided by mounts. */
const SOCKET_MODE = 0o666;

/** What the proxy allows and whom it tells. */
export interface EgressOptions {
  readonly socketPath: string;
  readonly allow: readonly Target[];
  readonly log: (line: string) => void;
  /** Asks the name server; the system's own when absent. */
  readonly lookup?: (host: string) => Promise<string>;
}

/** An open proxy. */
export interface EgressProxy {
  /** Each `host:port` that was refused, once. */
  refused(): readonly string[];
  /** Ends all connections and removes the socket. */
  close(): Promise<void>;
}

type Resolution = { readonly address: string } | { readonly refused: string };

async function systemLookup(host: string): Promise<string> {
  return (await lookup(host)).address;
}

interface Proxy {
  readonly options: EgressOptions;
  readonly isRefusedAddress: (address: string) => boolean;
  readonly open: Set<Duplex>;
  readonly refusals: Refusals;
}

function report(host: string, reason: string, { options, refusals }: Proxy): void {
  if (refusals.add(host)) options.log(`egress to ${host} refused: ${reason}`);
}

/** Resolves once; the address that was checked is the one that is dialled, so a second answer of the name server is never used. */
async function resolve(target: Target, { options, isRefusedAddress }: Proxy): Promise<Resolution> {
  if (!isAllowed(target, options.allow)) return { refused: "the host is not on the list" };
  const ask = options.lookup ?? systemLookup;
  const address = await ask(target.host).catch(() => undefined);
  if (address === undefined) return { refused: "the name could not be resolved" };
  const isRefused = !isMeantLiterally(target) && isRefusedAddress(address);
  return isRefused ? { refused: "the name leads to a private address" } : { address };
}

function refuse(client: Duplex, status: string, reason: string): void {
  client.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nsteward: ${reason}\n`);
}

/** Keeps a connection in sight until it is over; what it fails with is over, too. */
function keep(socket: Duplex, { open }: Proxy): void {
  open.add(socket);
  socket.on("error", () => socket.destroy());
  socket.once("close", () => open.delete(socket));
}

function giveUpWhenIdle(socket: Socket): void {
  socket.setTimeout(IDLE_TIMEOUT_MS, () => socket.destroy());
}

function tunnel(client: Duplex, upstream: Socket, head: Buffer): void {
  client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) upstream.write(head);
  giveUpWhenIdle(upstream);
  client.pipe(upstream);
  upstream.pipe(client);
  client.once("close", () => upstream.destroy());
  upstream.once("close", () => client.end());
}

function dial(address: string, target: Target, client: Duplex, head: Buffer, proxy: Proxy): void {
  const upstream = connect({ host: address, port: target.port, timeout: CONNECT_TIMEOUT_MS });
  keep(upstream, proxy);
  const fail = () => {
    refuse(client, "502 Bad Gateway", `${target.host} did not answer`);
    upstream.destroy();
  };
  upstream.once("error", fail).once("timeout", fail);
  upstream.once("connect", () => {
    upstream.off("error", fail).off("timeout", fail);
    tunnel(client, upstream, head);
  });
}

async function onConnect(request: IncomingMessage, client: Duplex, head: Buffer, proxy: Proxy): Promise<void> {
  keep(client, proxy);
  const target = parseTarget(request.url ?? "");
  if (!target) return refuse(client, "400 Bad Request", "not a host and port");
  const name = `${target.host}:${target.port}`;
  const resolution = await resolve(target, proxy);
  if ("refused" in resolution) {
    report(name, resolution.refused, proxy);
    return refuse(client, "403 Forbidden", `${name}: ${resolution.refused}`);
  }
  proxy.options.log(`egress to ${name}`);
  dial(resolution.address, target, client, head, proxy);
}

/** Only tunnels are offered: what goes through plain HTTP could be read and changed on the way. */
function onPlainRequest(request: IncomingMessage, response: ServerResponse, proxy: Proxy): void {
  const host = URL.parse(request.url ?? "")?.host || "plain HTTP";
  report(host, "only HTTPS is let through", proxy);
  response
    .writeHead(405, { "Content-Type": "text/plain", Connection: "close" })
    .end("steward: only HTTPS, by CONNECT\n");
}

/** Opens the proxy; it resolves when connections are taken. */
export async function openEgressProxy(options: EgressOptions): Promise<EgressProxy> {
  const proxy: Proxy = {
    options,
    isRefusedAddress: createAddressRule(),
    open: new Set(),
    refusals: createRefusals(),
  };
  const server = createServer((request, response) => onPlainRequest(request, response, proxy));
  server.on("connect", (request, client, head) => void onConnect(request, client, head, proxy));
  server.on("clientError", (_error, client) => refuse(client, "400 Bad Request", "not an HTTP request"));
  server.listen(options.socketPath);
  await once(server, "listening");
  await chmod(options.socketPath, SOCKET_MODE);
  return {
    refused: proxy.refusals.list,
    close: async () => {
      for (const socket of proxy.open) socket.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await rm(options.socketPath, { force: true });
    },
  };
}
