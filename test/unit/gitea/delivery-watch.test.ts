/** Watches for test deliveries: what is not one is passed over, and a stranger's posts do no harm. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../../demo/free-port.ts";
import { RepositoryName } from "../../../src/domain/ids.ts";
import { openHttpDeliveryWatch } from "../../../src/gitea/http-delivery-watch.ts";
import { isTestDelivery } from "../../../src/gitea/test-delivery.ts";
import type { DeliveryWatch } from "../../../src/ports/delivery-watch.ts";
import { openRedisDeliveryWatch } from "../../../src/queue/redis-delivery-watch.ts";
import { createRedisInbox } from "../../../src/queue/redis-inbox.ts";
import { rawDelivery } from "../../support/raw-delivery.ts";
import { startRedis } from "../../support/redis.ts";

const REPOSITORY = RepositoryName.parse("acme/widgets");
const SECRET = "secret-of-the-webhook";
const LONG_MS = 20_000;
const SHORT_MS = 100;

const push = (before: string, after: string, name = "acme/widgets") =>
  JSON.stringify({ before, after, repository: { full_name: name } });
const TEST_PUSH = push("a", "a", "Acme/Widgets");

test.each([
  ["a push that pushes something", push("a", "b")],
  ["a test of another repository", push("a", "a", "acme/gadgets")],
  ["another event", JSON.stringify({ action: "opened", repository: { full_name: "acme/widgets" } })],
  ["no JSON", "before=a&after=a"],
])("%s is no test delivery", (_what, body) => {
  expect(isTestDelivery(body, REPOSITORY)).toBe(false);
  expect(isTestDelivery(TEST_PUSH, REPOSITORY)).toBe(true);
});

let port: number;
let watch: DeliveryWatch;

beforeEach(async () => {
  port = await freePort();
  const opened = await openHttpDeliveryWatch({ host: "127.0.0.1", port, secrets: ["another-secret", SECRET] });
  if (!opened) throw new Error("the port was taken since");
  watch = opened;
});
afterEach(() => watch.close());

function post(body: string, secret: string): Promise<Response> {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  return fetch(`http://127.0.0.1:${port}/webhook/gitea`, {
    method: "POST",
    body,
    headers: { "x-gitea-signature": signature },
  });
}

test("a signed test delivery is seen, whether it comes before or after the question", async () => {
  const asked = watch.arrival(REPOSITORY, LONG_MS);
  await post(push("a", "b"), SECRET);
  expect((await post(TEST_PUSH, SECRET)).status).toBe(202);
  expect(await asked).toBe("signed");
  expect(await watch.arrival(REPOSITORY, LONG_MS)).toBe("signed");
});

test("a test delivery that was signed with another secret is told apart", async () => {
  await post(TEST_PUSH, "a-third-secret");
  expect(await watch.arrival(REPOSITORY, LONG_MS)).toBe("wrongly-signed");
});

test("posts of strangers are passed over: too large, broken off, unsigned", async () => {
  await expect(post("x".repeat(2 * 1024 * 1024), SECRET)).rejects.toThrow("fetch failed");
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf");
  socket.destroy();
  await fetch(`http://127.0.0.1:${port}/`);
  expect(await watch.arrival(REPOSITORY, SHORT_MS)).toBe("nothing");
});

test("a port that is taken gives no watch", async () => {
  expect(await openHttpDeliveryWatch({ host: "127.0.0.1", port, secrets: [SECRET] })).toBeUndefined();
});

test("the inbox of a running bot is watched without taking anything from it", async () => {
  await using redis = await startRedis();
  const inbox = createRedisInbox({ redis: redis.connect(), blocking: redis.connect() });
  const delivery = (body: string) => rawDelivery({ id: "1", eventType: "push", receivedAt: 0, body });
  await inbox.append(delivery(TEST_PUSH));
  const beside = await openRedisDeliveryWatch(redis.connect(), isTestDelivery);
  expect(await beside.arrival(REPOSITORY, SHORT_MS)).toBe("nothing");
  const asked = beside.arrival(REPOSITORY, LONG_MS);
  await inbox.append(delivery(push("a", "b")));
  await inbox.append(delivery(TEST_PUSH));
  expect(await asked).toBe("signed");
  expect(await inbox.size()).toBe(3);
  await beside.close();
});

test("an inbox that does not exist yet is watched from its first delivery on", async () => {
  await using redis = await startRedis();
  const inbox = createRedisInbox({ redis: redis.connect(), blocking: redis.connect() });
  const beside = await openRedisDeliveryWatch(redis.connect(), isTestDelivery);
  const asked = beside.arrival(REPOSITORY, LONG_MS);
  await inbox.append(rawDelivery({ id: "1", eventType: "push", receivedAt: 0, body: TEST_PUSH }));
  expect(await asked).toBe("signed");
  await beside.close();
});
