/** The webhook route over real HTTP: what it stores, and what it refuses before that. */

import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { Inbox } from "../../../src/ports/inbox.ts";
import { createMemoryInbox } from "../../../src/queue/memory-inbox.ts";
import { signedHeaders, startWebhookServer } from "../../support/webhook-server.ts";

const BODY = '{"action":"opened"}';

async function post(options: {
  readonly body?: string;
  readonly headers?: Record<string, string | undefined>;
  readonly method?: string;
  readonly path?: string;
  readonly secrets?: readonly string[];
  readonly maxBytes?: number;
  readonly inbox?: Inbox;
}) {
  const { body = BODY, method = "POST", path = "/webhook/gitea", inbox = createMemoryInbox() } = options;
  await using server = await startWebhookServer(inbox, {
    ...(options.secrets ? { secrets: [...options.secrets] } : {}),
    ...(options.maxBytes ? { maxBytes: options.maxBytes } : {}),
  });
  const headers = new Headers(signedHeaders(body));
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value === undefined) headers.delete(name);
    else headers.set(name, value);
  }
  const response = await fetch(server.url + path, {
    method,
    headers,
    ...(method === "GET" ? {} : { body }),
  });
  return { status: response.status, text: await response.text(), response, stored: await inbox.take(10, 0) };
}

describe("a signed delivery", () => {
  test.each(["/webhook/gitea", "/webhook/forgejo"])(
    "is stored as it came and answered with 202 on %s",
    async (path) => {
      const body = '{"text":"ünïcode 🚀",\n "broken": ';
      const { status, text, stored } = await post({ path, body });
      expect({ status, text }).toEqual({ status: 202, text: "" });
      expect(stored).toMatchObject([{ id: "d-1", eventType: "issues", body, receivedAt: 17 }]);
    },
  );

  test("is taken by its Gitea signature alone", async () => {
    const { status } = await post({ headers: { "x-hub-signature-256": undefined } });
    expect(status).toBe(202);
  });

  test("is taken by its GitHub headers alone", async () => {
    const { status, stored } = await post({
      headers: {
        "x-gitea-delivery": undefined,
        "x-gitea-event": undefined,
        "x-gitea-event-type": undefined,
        "x-github-delivery": "g-1",
        "x-github-event": "push",
      },
    });
    expect(status).toBe(202);
    expect(stored).toMatchObject([{ id: "g-1", eventType: "push" }]);
  });

  test("may be signed with any of the known secrets, while one is rotated", async () => {
    const headers = signedHeaders(BODY, { secret: "new" });
    expect(await post({ headers, secrets: ["old", "new"] })).toMatchObject({ status: 202 });
  });

  test("is not lost silently when it cannot be stored", async () => {
    const inbox = { ...createMemoryInbox(), append: () => Promise.reject(new Error("redis is down")) };
    expect(await post({ inbox })).toMatchObject({ status: 503, stored: [] });
  });
});

describe("a delivery that is not signed right is refused with 401 and not stored:", () => {
  const wrong = "0".repeat(64);
  test.each<[string, Record<string, string | undefined>]>([
    ["without any signature", { "x-hub-signature-256": undefined, "x-gitea-signature": undefined }],
    [
      "with the empty digests of a hook without a secret",
      { "x-hub-signature-256": "sha256=", "x-gitea-signature": "" },
    ],
    ["with an empty digest beside a missing one", { "x-hub-signature-256": undefined, "x-gitea-signature": "" }],
    ["with a wrong digest", { "x-hub-signature-256": `sha256=${wrong}` }],
    ["with a short digest", { "x-hub-signature-256": "sha256=abcd" }],
    ["with a SHA-1 digest", { "x-hub-signature-256": `sha1=${wrong.slice(24)}` }],
    ["with a prefix where none belongs", { "x-hub-signature-256": undefined, "x-gitea-signature": `sha256=${wrong}` }],
    ["signed with another secret", signedHeaders(BODY, { secret: "another" })],
    ["signed for another body", signedHeaders('{"action":"closed"}')],
  ])("%s", async (_name, headers) => {
    const { status, text, stored } = await post({ headers });
    expect({ status, stored }).toEqual({ status: 401, stored: [] });
    expect(text).toMatchInlineSnapshot(`
      "The signature is missing or wrong: the webhook's secret must be the one this server knows.
      "
    `);
  });

  test("with an empty secret configured here", async () => {
    const headers = signedHeaders(BODY, { secret: "" });
    expect(await post({ headers, secrets: [""] })).toMatchObject({ status: 401, stored: [] });
  });
});

describe("a request that is no delivery is refused in one sentence and not stored:", () => {
  test.each<[string, Parameters<typeof post>[0], number]>([
    ["another method", { method: "PUT" }, 405],
    ["a GET", { method: "GET" }, 405],
    ["another webhook", { path: "/webhook/github" }, 404],
    ["a form", { headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
    ["no content type", { headers: { "content-type": "" } }, 415],
    ["a type that only starts like JSON", { headers: { "content-type": "application/json5" } }, 415],
    ["a body that is announced too large", { body: "x".repeat(2_000), maxBytes: 1_000 }, 413],
    ["no event type", { headers: { "x-gitea-event": undefined, "x-gitea-event-type": undefined } }, 400],
    ["no delivery id", { headers: { "x-gitea-delivery": undefined } }, 400],
    ["a delivery id without end", { headers: { "x-gitea-delivery": "x".repeat(1_000) } }, 400],
  ])("%s", async (_name, request, expected) => {
    const { status, text, stored } = await post(request);
    expect({ status, stored }).toEqual({ status: expected, stored: [] });
    expect(text).toMatch(/^[A-Z][^\n]+\.\n$/);
  });

  test("a method that is not POST is told which is", async () => {
    const { response } = await post({ method: "DELETE" });
    expect(response.headers.get("allow")).toBe("POST");
  });

  test("a body that turns out too large", async () => {
    const inbox = createMemoryInbox();
    await using server = await startWebhookServer(inbox, { maxBytes: 1_000 });
    const chunks = ReadableStream.from(Array.from({ length: 50 }, () => Buffer.from("x".repeat(100))));
    const response = await fetch(`${server.url}/webhook/gitea`, {
      method: "POST",
      headers: signedHeaders("whatever"),
      body: chunks,
      duplex: "half",
    });
    expect(response.status).toBe(413);
    expect(await inbox.size()).toBe(0);
  });

  test("a body that breaks off", async () => {
    const inbox = createMemoryInbox();
    await using server = await startWebhookServer(inbox);
    const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
    await once(socket, "connect");
    const headers = Object.entries({ ...signedHeaders(BODY), host: "x", "content-length": "1000" });
    const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    socket.end(`POST /webhook/gitea HTTP/1.1\r\n${head}\r\n${BODY}`);
    await text(socket);
    expect(await inbox.size()).toBe(0);
  });
});

test("a path of somebody else is left to others", async () => {
  expect(await post({ path: "/healthz" })).toMatchObject({ status: 404, text: "other" });
});
