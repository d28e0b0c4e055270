/** The way out for set-up leads to the listed hosts only, and stands whatever is sent to it. */
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAddressRule } from "../../../runners/egress/egress-addresses.ts";
import { type EgressProxy, openEgressProxy } from "../../../runners/egress/egress-proxy.ts";
import { parseTarget } from "../../../runners/egress/egress-targets.ts";

interface Fixture {
  readonly folder: string;
  readonly socketPath: string;
  readonly echo: Server;
  readonly port: number;
  readonly log: string[];
}

let fixture: Fixture;
let proxy: EgressProxy;

async function open(allow: readonly string[], lookup?: (host: string) => Promise<string>): Promise<void> {
  const { socketPath, log } = fixture;
  proxy = await openEgressProxy({
    socketPath,
    allow: allow.map((text) => parseTarget(text) ?? expect.fail(`${text} is no host`)),
    log: (line) => log.push(line),
    ...(lookup && { lookup }),
  });
}

/** Sends bytes and resolves with everything that comes back until the proxy hangs up or has answered `until`. */
async function send(text: string, until?: string): Promise<string> {
  const socket: Socket = connect(fixture.socketPath);
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) {
    answer += chunk;
    if (until !== undefined && answer.includes(until)) break;
  }
  socket.destroy();
  return answer;
}

const connectTo = (target: string, rest = "") => `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n${rest}`;

beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "egress-"));
  const echo = createServer((socket) => socket.on("error", () => socket.destroy()).pipe(socket)).listen(0, "127.0.0.1");
  await once(echo, "listening");
  const { port } = echo.address() as AddressInfo;
  fixture = { folder, socketPath: join(folder, "egress.sock"), echo, port, log: [] };
});

afterEach(async () => {
  await proxy.close();
  fixture.echo.close();
  await rm(fixture.folder, { recursive: true });
});

describe("the egress proxy", () => {
  test("tunnels to a host on the list, early bytes included", async () => {
    await open([`127.0.0.1:${fixture.port}`]);
    const answer = await send(connectTo(`127.0.0.1:${fixture.port}`, "echoed"), "echoed");
    expect(answer).toBe("HTTP/1.1 200 Connection Established\r\n\r\nechoed");
    expect(proxy.refused()).toEqual([]);
  });

  test("refuses every other host and port, and tells each once", async () => {
    await open([`127.0.0.1:${fixture.port}`]);
    expect(await send(connectTo("evil.example:443"))).toMatch(
      /^HTTP\/1.1 403 .*evil\.example:443: the host is not on the list/s,
    );
    expect(await send(connectTo("evil.example:443"))).toMatch(/^HTTP\/1.1 403 /);
    expect(await send(connectTo("127.0.0.1:1"))).toMatch(/^HTTP\/1.1 403 /);
    expect(proxy.refused()).toEqual(["evil.example:443", "127.0.0.1:1"]);
  });

  test("refuses a listed name that leads to a private address, asking the name server once", async () => {
    const asked: string[] = [];
    const answers = ["127.0.0.1", "93.184.216.34"];
    await open(["rebinding.example"], async (host) => {
      asked.push(host);
      return answers[asked.length - 1] ?? "";
    });
    expect(await send(connectTo("rebinding.example:443"))).toMatch(/^HTTP\/1.1 403 .*leads to a private address/s);
    expect(asked).toEqual(["rebinding.example"]);
  });

  test("refuses a listed name that cannot be resolved", async () => {
    await open(["gone.example"], () => Promise.reject(new Error("no such name")));
    expect(await send(connectTo("gone.example:443"))).toMatch(/^HTTP\/1.1 403 .*could not be resolved/s);
  });

  test("lets only HTTPS through", async () => {
    await open(["registry.example"]);
    const answer = await send("GET http://registry.example/x HTTP/1.1\r\nHost: registry.example\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 405 /);
    expect(proxy.refused()).toEqual(["registry.example"]);
  });

  test("says so when a host does not answer", async () => {
    const gone = createServer().listen(0, "127.0.0.1");
    await once(gone, "listening");
    const { port } = gone.address() as AddressInfo;
    gone.close();
    await open([`127.0.0.1:${port}`]);
    expect(await send(connectTo(`127.0.0.1:${port}`))).toMatch(/^HTTP\/1.1 502 /);
  });

  test("stands malformed requests", async () => {
    await open([`127.0.0.1:${fixture.port}`]);
    for (const text of [
      "\x16\x03\x01 not http at all\r\n\r\n",
      connectTo("http://127.0.0.1/"),
      connectTo("127.0.0.1:99999"),
      connectTo(""),
      "GET / HTTP/9.9\r\n\r\n",
      `CONNECT ${"a".repeat(100_000)}:443 HTTP/1.1\r\n\r\n`,
    ]) {
      await send(text).catch((error: NodeJS.ErrnoException) => expect(error.code).toMatch(/ECONNRESET|EPIPE/));
    }
    const hangUp = connect(fixture.socketPath);
    hangUp.write(connectTo(`127.0.0.1:${fixture.port}`));
    await once(hangUp, "data");
    hangUp.destroy();
    expect(await send(connectTo(`127.0.0.1:${fixture.port}`, "still here"), "still here")).toContain("still here");
  });

  test("ends its tunnels and removes its socket when it is closed", async () => {
    await open([`127.0.0.1:${fixture.port}`]);
    const tunnel = connect(fixture.socketPath);
    tunnel.write(connectTo(`127.0.0.1:${fixture.port}`));
    await once(tunnel, "data");
    await Promise.all([proxy.close(), once(tunnel, "close")]);
    await expect(stat(fixture.socketPath)).rejects.toMatchObject({ code: "ENOENT" });
    await open([]);
  });
});

describe("the address rule", () => {
  const isRefused = createAddressRule();

  test.each([
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
  ])("refuses %s", (address) => {
    expect(isRefused(address)).toBe(true);
  });

  test.each(["1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111"])("lets %s pass", (address) => {
    expect(isRefused(address)).toBe(false);
  });
});

describe("parseTarget", () => {
  test.each([
    ["packages.example.org", { host: "packages.example.org", port: 443 }],
    ["Registry.Example.:8443", { host: "registry.example", port: 8443 }],
    ["[::1]:80", { host: "::1", port: 80 }],
    ["a/b", undefined],
    ["user@host:443", undefined],
    ["host:0", undefined],
    ["", undefined],
  ])("reads %s", (text, target) => {
    expect(parseTarget(text)).toEqual(target);
  });
});
