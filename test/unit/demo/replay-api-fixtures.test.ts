/** The stand-in answers and delivers like the Gitea that was recorded: all exchanges are replayed in order, and compared. */
import { createHmac } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { Exchange, type Replay, startReplay } from "./replay.ts";
import { shapeOf, tellingValues } from "./shape.ts";
import { createWebhookReceiver, type Received, type WebhookReceiver } from "./webhook-receiver.ts";

const FIXTURES = join(import.meta.dirname, "../../fixtures");
const SECRET = "steward-fixture-secret";

/** Headers that belong to the connection, not to the delivery. */
const CONNECTION_HEADERS = ["accept-encoding", "connection", "content-length", "host"];

/** The recorded server looked at this push only when its commit was already merged elsewhere, and told no commits. */
const TOLD_AFTER_ITS_MERGE = "refs/heads/side-work";

const Delivery = z.object({ path: z.string(), headers: z.record(z.string(), z.string()), body: z.string() });

function readFixtures<T>(
  folder: string,
  schema: z.ZodType<T>,
): readonly { readonly file: string; readonly content: T }[] {
  const names = readdirSync(join(FIXTURES, folder)).sort();
  return names.map((file) => ({
    file,
    content: schema.parse(JSON.parse(readFileSync(join(FIXTURES, folder, file), "utf8"))),
  }));
}

const exchanges = readFixtures("api/gitea-1.26.0", Exchange);
const recordedDeliveries = readFixtures("webhooks/gitea-1.26.0", Delivery).map(({ content }) => content);

const folder = mkdtempSync(join(tmpdir(), "stand-in-replay-"));
let receiver: WebhookReceiver;
let replay: Replay;

beforeAll(async () => {
  receiver = await createWebhookReceiver();
  replay = await startReplay(folder, receiver.url);
});

afterAll(async () => {
  await replay[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("the stand-in answers as Gitea 1.26.0 did", () => {
  test.for(exchanges)("$file", async ({ file, content: recorded }) => {
    const { response, body } = await replay.run(file, recorded);
    const expected = recorded.body ?? (body === "" ? "" : null);
    expect({ status: response.status, body: shapeOf(body) }).toEqual({
      status: recorded.status,
      body: shapeOf(expected),
    });
    for (const name of ["location", "x-total-count", "link"]) {
      expect(response.headers.get(name), name).toBe(recorded.headers[name] ?? null);
    }
    expect(tellingValues(body)).toEqual(tellingValues(expected));
  });
});

function payloadOf({ headers, body }: Received): Record<string, unknown> {
  const isForm = headers["content-type"] === "application/x-www-form-urlencoded";
  return JSON.parse(isForm ? (new URLSearchParams(body).get("payload") ?? "") : body);
}

/** One line for each delivery: where it went, what it was, and everything that was told but times, hashes and addresses. */
function summarise(deliveries: readonly Received[]): readonly string[] {
  const lines = deliveries.map((delivery) => {
    const payload = payloadOf(delivery);
    const what = [delivery.path, delivery.headers["x-gitea-event-type"], payload.action ?? ""].join(" ");
    return `${what} ${JSON.stringify({ shape: shapeOf(payload), values: tellingValues(payload) })}`;
  });
  return lines.sort();
}

describe("the stand-in delivers what Gitea 1.26.0 did", () => {
  beforeAll(() => replay.standIn.settled());

  test("the same events reach the same hooks", () => {
    const names = (deliveries: readonly Received[]) =>
      summarise(deliveries).map((line) => line.slice(0, line.indexOf(" {")));
    expect(names(receiver.received)).toEqual(names(recordedDeliveries));
  });

  test("payloads have the recorded shape and values", () => {
    const compared = (deliveries: readonly Received[]) =>
      summarise(deliveries.filter((delivery) => payloadOf(delivery).ref !== TOLD_AFTER_ITS_MERGE));
    expect(compared(receiver.received)).toEqual(compared(recordedDeliveries));
  });

  test("headers are the recorded ones", () => {
    const shown = (deliveries: readonly Received[]) =>
      deliveries.map(({ path, headers }) => {
        const names = Object.keys(headers).filter((name) => !CONNECTION_HEADERS.includes(name));
        const types = [
          headers["content-type"],
          headers["x-gitea-event"],
          headers["x-gitea-hook-installation-target-type"],
        ];
        return [path, ...types, ...names.sort()].join(" ");
      });
    expect(shown(receiver.received).sort()).toEqual(shown(recordedDeliveries).sort());
  });

  test("the signature covers the JSON, also of a form, and is empty without a secret", () => {
    for (const delivery of receiver.received) {
      const isForm = delivery.path === "/form";
      const signed = isForm ? (new URLSearchParams(delivery.body).get("payload") ?? "") : delivery.body;
      const digest = createHmac("sha256", SECRET).update(signed).digest("hex");
      expect(delivery.headers["x-hub-signature-256"]).toBe(
        delivery.path === "/no-secret" ? "sha256=" : `sha256=${digest}`,
      );
    }
  });
});
