/** The gateway over a real unix socket, in front of real HTTP servers. */
import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Gateway, type GatewayOptions, openGateway } from "../../../../runners/gateway/gateway.ts";
import { askSocket, callSocket, openUpstream } from "../../../support/gateway-client.ts";
import { openScriptedMessagesApi } from "../../../support/scripted-messages-api.ts";

const KEY = "sk-outside-only";

let folder = "";
let socketPath = "";
let lines: string[] = [];
const cleanUps: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gateway-"));
  socketPath = join(folder, "gateway.sock");
  lines = [];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  await rm(folder, { recursive: true });
});

async function open(url: string, options: Partial<GatewayOptions> = {}): Promise<Gateway> {
  const gateway = await openGateway({
    socketPath,
    endpoint: { api: "anthropic", url, key: KEY },
    model: undefined,
    signal: new AbortController().signal,
    log: (line) => lines.push(line),
    ...options,
  });
  cleanUps.push(gateway.close);
  return gateway;
}

async function upstream(listener: RequestListener): Promise<string> {
  const server = await openUpstream(listener);
  cleanUps.push(server.close);
  return server.url;
}

async function scripted(turns: Parameters<typeof openScriptedMessagesApi>[0]["turns"]) {
  const api = await openScriptedMessagesApi({ turns, key: KEY });
  cleanUps.push(api.close);
  return api;
}

const ASK = { model: "any", max_tokens: 1, tools: [{ name: "Write" }], messages: [{ role: "user", content: "hi" }] };
const HI = { content: [{ type: "text", text: "hi" }], usage: { input_tokens: 5, output_tokens: 2 } } as const;

describe("what goes out", () => {
  test("carries the key from outside and none of the sandbox's credentials", async () => {
    const api = await scripted([HI]);
    await open(`${api.url}/`);
    const headers = {
      "x-api-key": "from-the-sandbox",
      authorization: "Bearer from-the-sandbox",
      "proxy-authorization": "Basic from-the-sandbox",
      cookie: "session=from-the-sandbox",
      "x-forwarded-host": "from-the-sandbox",
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "some-beta",
      "accept-encoding": "gzip, br",
    };
    expect((await askSocket(socketPath, { body: JSON.stringify(ASK), headers })).status).toBe(200);
    const seen = api.requests[0];
    expect(seen?.headers).toMatchObject({
      "x-api-key": KEY,
      "anthropic-version": "2023-06-01",
      "anthropic-beta": "some-beta",
      "accept-encoding": "identity",
    });
    expect(JSON.stringify(seen?.headers)).not.toContain("from-the-sandbox");
  });

  test("asks for the profile's model whatever the agent named, and twice named", async () => {
    const api = await scripted([HI]);
    await open(api.url, { model: "sonnet-of-the-profile" });
    const body = `{"model":"dearest","tools":[{"name":"Write"}],"messages":[],"model":"dearer","max_tokens":7}`;
    await askSocket(socketPath, { path: "/v1/messages?beta=true", body });
    expect(api.requests[0]?.url).toBe("/v1/messages?beta=true");
    expect(api.requests[0]?.body.match(/"model"/g)).toHaveLength(1);
    expect(JSON.parse(api.requests[0]?.body ?? "")).toMatchObject({ model: "sonnet-of-the-profile", max_tokens: 7 });
  });

  test("has no key for an endpoint without one", async () => {
    const api = await openScriptedMessagesApi({ turns: [HI] });
    cleanUps.push(api.close);
    await open("", { endpoint: { api: "anthropic", url: api.url, key: undefined } });
    await askSocket(socketPath, { body: JSON.stringify(ASK), headers: { "x-api-key": "from-the-sandbox" } });
    expect(api.requests[0]?.headers).not.toHaveProperty("x-api-key");
  });
});

describe("what comes back", () => {
  test("never has the key in it when the provider complains about it, and is else as it was sent", async () => {
    const complaint = Buffer.from(`{"error":{"message":"invalid key ${KEY}, sorry: ünd"}}`);
    const url = await upstream((_request, response) => {
      response.writeHead(401, { "content-type": "application/json", "content-length": complaint.length });
      response.write(complaint.subarray(0, 40));
      response.end(complaint.subarray(40));
    });
    await open(url);
    const { status, body } = await askSocket(socketPath);
    expect([status, body]).toEqual([401, '{"error":{"message":"invalid key ***, sorry: ünd"}}']);
  });

  test("reaches the client event by event: the first one before the second is sent", async () => {
    const gate = Promise.withResolvers<void>();
    const url = await upstream(async (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("event: ping\ndata: first\n\n");
      await gate.promise;
      response.end("event: ping\ndata: second\n\n");
    });
    await open(url);
    const answer = await callSocket(socketPath);
    const [first] = await once(answer, "data");
    expect(String(first)).toBe("event: ping\ndata: first\n\n");
    gate.resolve();
    expect(await text(answer)).toBe("event: ping\ndata: second\n\n");
  });

  test("keeps status, content type and retry advice, and loses cookies and server names", async () => {
    const url = await upstream((_request, response) => {
      const headers = { "content-type": "application/json", "retry-after": "7", "request-id": "req_1" };
      response.writeHead(429, { ...headers, "anthropic-ratelimit-requests-reset": "soon", "set-cookie": "a=b" });
      response.end("{}");
    });
    await open(url);
    const answer = await callSocket(socketPath);
    expect(answer.statusCode).toBe(429);
    expect(answer.headers).toMatchObject({
      "content-type": "application/json",
      "retry-after": "7",
      "request-id": "req_1",
      "anthropic-ratelimit-requests-reset": "soon",
    });
    expect(answer.headers).not.toHaveProperty("set-cookie");
    answer.resume();
  });

  test("is refused as a provider error when it is a redirect, which is not followed", async () => {
    const asked: (string | undefined)[] = [];
    const url = await upstream((request, response) => {
      asked.push(request.url);
      response.writeHead(307, { location: "/elsewhere" }).end();
    });
    const gateway = await open(url);
    expect((await askSocket(socketPath)).status).toBe(502);
    expect(asked).toEqual(["/v1/messages"]);
    expect(gateway.usage()?.providerErrors).toBe(1);
  });
});

describe("usage", () => {
  test("is absent before the first request, and after refusals and token counts", async () => {
    const api = await scripted([]);
    const gateway = await open(api.url);
    expect(gateway.usage()).toBeUndefined();
    await askSocket(socketPath, { path: "/v1/files" });
    expect((await askSocket(socketPath, { path: "/v1/messages/count_tokens" })).status).toBe(200);
    expect(gateway.usage()).toBeUndefined();
  });

  test.each([true, false])("is summed over requests, with the last one's context (stream: %s)", async (stream) => {
    const api = await scripted([
      { ...HI, usage: { input_tokens: 20, cache_creation_input_tokens: 1000, output_tokens: 50 } },
      { ...HI, usage: { input_tokens: 3, cache_read_input_tokens: 1020, output_tokens: 40 } },
    ]);
    const gateway = await open(api.url);
    await askSocket(socketPath, { body: JSON.stringify({ ...ASK, stream }) });
    const messages = [...ASK.messages, { role: "assistant", content: "hi" }];
    await askSocket(socketPath, { body: JSON.stringify({ ...ASK, stream, messages }) });
    expect(gateway.usage()).toEqual({
      requests: 2,
      inputTokens: 1023,
      cachedTokens: 1020,
      outputTokens: 90,
      contextTokens: 1063,
      providerErrors: 0,
    });
    expect(lines.at(-1)).toBe("model: POST /v1/messages 200: 3 in, 1020 cached, 40 out");
  });

  test.each([429, 500, 529])("counts status %i as a provider error and no tokens", async (status) => {
    const api = await scripted([{ status, error: "not now" }]);
    const gateway = await open(api.url);
    const answer = await askSocket(socketPath, { body: JSON.stringify(ASK) });
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.body)).toMatchObject({ type: "error", error: { message: "not now" } });
    expect(gateway.usage()).toMatchObject({ requests: 1, providerErrors: 1, inputTokens: 0 });
  });

  test.each([
    { status: 529, isFailing: true },
    { status: 429, isFailing: true },
    { status: 401, isFailing: true },
    { status: 400, isFailing: false },
    { status: 413, isFailing: false },
  ])("after good answers says that the provider fails where status $status is not the request's own", async (row) => {
    const statuses = [200, row.status, 200, row.status];
    const url = await upstream((_request, response) => void response.writeHead(statuses.shift() ?? 500).end("{}"));
    const gateway = await open(url);
    const seen: boolean[] = [];
    for (const _status of [...statuses]) {
      await askSocket(socketPath);
      seen.push(gateway.isFailing());
    }
    expect(seen).toEqual([false, row.isFailing, false, row.isFailing]);
  });

  test("of an answer without figures is unmeasured", async () => {
    const url = await upstream((_request, response) => response.end("{}"));
    const gateway = await open(url);
    await askSocket(socketPath);
    expect(gateway.usage()).toMatchObject({ requests: 1, unmeasuredRequests: 1, providerErrors: 0 });
    expect(lines).toEqual(["model: POST /v1/messages 200: usage unknown"]);
  });

  test("counts an endpoint that cannot be reached as a provider error, and tells the agent", async () => {
    const gone = await openUpstream(() => undefined);
    await gone.close();
    const gateway = await open(gone.url);
    const answer = await askSocket(socketPath);
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.body)).toEqual({
      type: "error",
      error: { type: "api_error", message: "the model endpoint did not answer" },
    });
    expect(gateway.usage()).toMatchObject({ requests: 1, providerErrors: 1 });
    expect(gateway.isFailing()).toBe(true);
    expect(lines).toEqual(["model: POST /v1/messages failed: ECONNREFUSED"]);
  });
});

describe("an end in the middle", () => {
  async function hanging(): Promise<{ url: string; asked: Promise<IncomingMessage> }> {
    const asked = Promise.withResolvers<IncomingMessage>();
    const url = await upstream((request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const usage = { input_tokens: 30, output_tokens: 1 };
      response.write(`data: ${JSON.stringify({ type: "message_start", message: { usage } })}\n\n`);
      asked.resolve(request);
    });
    return { url, asked: asked.promise };
  }

  test("by the client ends the upstream call and keeps the lower bound", async () => {
    const { url, asked } = await hanging();
    const logged = Promise.withResolvers<void>();
    const gateway = await open(url, { log: () => logged.resolve() });
    const answer = await callSocket(socketPath);
    await once(answer, "data");
    const closed = once((await asked).socket, "close");
    answer.destroy();
    await closed;
    await logged.promise;
    expect(gateway.usage()).toMatchObject({ requests: 1, inputTokens: 30, unmeasuredRequests: 1 });
  });

  test.each(["close", "signal"])("by %s ends all calls and removes the socket", async (how) => {
    const { url, asked } = await hanging();
    const stop = new AbortController();
    const gateway = await open(url, { signal: stop.signal });
    const answer = await callSocket(socketPath);
    const broken = once(answer, "error");
    const closed = once((await asked).socket, "close");
    if (how === "close") await gateway.close();
    else stop.abort();
    await Promise.all([broken, closed]);
    await gateway.close();
    await expect(stat(socketPath)).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("by the provider ends the client's answer too", async () => {
    const url = await upstream((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: {}\n\n", () => response.destroy());
    });
    const gateway = await open(url);
    await expect(askSocket(socketPath)).rejects.toMatchObject({ code: "ECONNRESET" });
    expect(gateway.usage()).toMatchObject({ requests: 1, unmeasuredRequests: 1 });
  });
});
