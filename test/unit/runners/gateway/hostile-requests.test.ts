/** Hostile clients: each is refused, nothing goes out, and the gateway goes on. */
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Gateway, openGateway } from "../../../../runners/gateway/gateway.ts";
import { MAX_BODY_BYTES } from "../../../../runners/gateway/request-body.ts";
import { askSocket, openUpstream, sendRaw } from "../../../support/gateway-client.ts";

let folder = "";
let socketPath = "";
let gateway: Gateway;
let upstream: { url: string; close(): Promise<void> };
let forwarded: (string | undefined)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gateway-"));
  socketPath = join(folder, "gateway.sock");
  forwarded = [];
  upstream = await openUpstream((request, response) => {
    forwarded.push(request.url);
    request.resume();
    response.end(`{"usage":{"input_tokens":1,"output_tokens":1}}`);
  });
  gateway = await openGateway({
    socketPath,
    endpoint: { api: "anthropic", url: upstream.url, key: "sk" },
    model: undefined,
    signal: new AbortController().signal,
    log: () => undefined,
  });
});

afterEach(async () => {
  // Whatever a test sent, the next honest call goes through.
  forwarded = [];
  expect((await askSocket(socketPath)).status).toBe(200);
  expect(forwarded).toEqual(["/v1/messages"]);
  await gateway.close();
  await upstream.close();
  await rm(folder, { recursive: true });
});

describe("a refused call", () => {
  test.each([
    ["GET", "/v1/models"],
    ["POST", "/v1/messages/batches"],
    ["POST", "/v1/messages/../files"],
    ["POST", "//evil.example/v1/messages"],
    ["POST", "http://evil.example/v1/messages"],
    ["DELETE", "/v1/files/file_1"],
  ])("%s %s says what is allowed, and is listed once", async (method, path) => {
    for (const _ of [1, 2]) {
      const answer = await askSocket(socketPath, { method, path: `${path}?q=1` });
      expect(answer.status).toBe(403);
      expect(JSON.parse(answer.body)).toEqual({
        type: "error",
        error: {
          type: "permission_error",
          message: "this sandbox reaches only POST /v1/messages and POST /v1/messages/count_tokens",
        },
      });
    }
    expect(gateway.refused()).toEqual([`${method} ${path}`]);
    expect(forwarded).toEqual([]);
  });

  test("that would make the provider fetch something says so, and is listed", async () => {
    const body = JSON.stringify({ model: "m", messages: [], tools: [{ type: "web_fetch_20250910" }] });
    const answer = await askSocket(socketPath, { body });
    expect(answer.status).toBe(403);
    expect(answer.body).toContain("server tool web_fetch_20250910 would reach outside this sandbox");
    expect(gateway.refused()).toEqual(["POST /v1/messages with server tool web_fetch_20250910"]);
    expect(forwarded).toEqual([]);
  });

  test("CONNECT is listed like any other", async () => {
    expect(await sendRaw(socketPath, "CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n")).toContain("403");
    expect(gateway.refused()).toEqual(["CONNECT evil.example:443"]);
  });
});

describe("a malformed request", () => {
  const head = "POST /v1/messages HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";

  test.each([
    ["no HTTP", "\u0000\u0001\u0002\r\n\r\n"],
    ["a header with a bare line feed", "POST /v1/messages HTTP/1.1\nHost: x\nX-Api-Key: a\r\r\n\r\n"],
    ["two lengths", `${head}Content-Length: 2\r\nContent-Length: 4\r\n\r\n{}{}`],
    ["a length and chunks", `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["a negative length", `${head}Content-Length: -2\r\n\r\n{}`],
    ["too long a header", `${head}X-A: ${"a".repeat(17_000)}\r\n\r\n`],
    ["a line break in a forwarded header", `${head}anthropic-beta: a\r\n\tx-api-key: b\u0000\r\n\r\n`],
    ["a body that is no JSON", `${head}Content-Length: 3\r\n\r\n{a}`],
    ["a body that is an array", `${head}Content-Length: 2\r\n\r\n[]`],
    ["an empty body", `${head}Content-Length: 0\r\n\r\n`],
  ])("with %s gets a 4xx and goes nowhere", async (_title, bytes) => {
    expect(await sendRaw(socketPath, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(forwarded).toEqual([]);
  });

  test("with JSON nested deeper than the stack is refused", async () => {
    const deep = 200_000;
    const body = `{"messages":${"[".repeat(deep)}${"]".repeat(deep)}}`;
    expect((await askSocket(socketPath, { body })).status).toBe(400);
    expect(forwarded).toEqual([]);
  });

  test("with a body that breaks off goes nowhere", async () => {
    const client = connect(socketPath);
    await once(client, "connect");
    client.end(`${head}Content-Length: 100\r\n\r\n{`);
    await once(client.resume(), "close");
    expect(forwarded).toEqual([]);
  });

  test("with a body over the limit is refused before it is all read", async () => {
    const length = MAX_BODY_BYTES + 1024 * 1024;
    const raw = await sendRaw(socketPath, `${head}Content-Length: ${length}\r\n\r\n${"a".repeat(length - 1)}`);
    expect(raw).toMatch(/^(HTTP\/1\.1 413 .*|)$/s);
    expect(forwarded).toEqual([]);
  });
});

test("the socket lets every local user in, for its folder decides who reaches it", async () => {
  expect((await stat(socketPath)).mode & 0o666).toBe(0o666);
});
