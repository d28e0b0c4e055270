/** Deliveries of the stand-in: late, in no order, tried once, and new each time somebody asks again. */
import { expect, test, vi } from "vitest";
import { createSmallForge, REPOSITORY } from "./small-forge.ts";
import { createWebhookReceiver } from "./webhook-receiver.ts";

const ISSUES = `/repos/${REPOSITORY}/issues`;

/** Shorter than Gitea's, so that tests are quick, and long enough to be overtaken. */
const SHORT_DELAYS = [0, 300] as const;

test("deliveries come after the answer, within the delay, and overtake each other", async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge({ deliveryDelayMs: SHORT_DELAYS, seed: 7 });
  forge.standIn.addHook(REPOSITORY, { url: receiver.url });
  for (let i = 1; i <= 12; i += 1) await forge.call("alice", "POST", ISSUES, { title: `Issue ${i}` });
  await forge.standIn.settled();
  const arrived = receiver.received.map(({ body }) => JSON.parse(body).number);
  expect(arrived).toHaveLength(12);
  expect(arrived).not.toEqual([...arrived].sort((a, b) => a - b));
  const delays = forge.standIn.deliveries().map((delivery) => (delivery.endedAt ?? 0) - delivery.queuedAt);
  expect(Math.max(...delays)).toBeGreaterThan(100);
});

test("the same seed gives the same order", async () => {
  const order = async (): Promise<readonly number[]> => {
    await using receiver = await createWebhookReceiver();
    await using forge = await createSmallForge({ deliveryDelayMs: [0, 2_000], seed: 42 });
    forge.standIn.addHook(REPOSITORY, { url: receiver.url });
    for (let i = 1; i <= 5; i += 1) await forge.call("alice", "POST", ISSUES, { title: `Issue ${i}` });
    await forge.standIn.settled();
    return receiver.received.map(({ body }) => JSON.parse(body).number);
  };
  const [first, second] = await Promise.all([order(), order()]);
  expect(first).toEqual(second);
});

test("a payload is a snapshot of when the thing happened", async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge({ deliveryDelayMs: [50, 50] });
  forge.standIn.addHook(REPOSITORY, { url: receiver.url });
  await forge.call("alice", "POST", ISSUES, { title: "Before" });
  await forge.call("alice", "PATCH", `${ISSUES}/1`, { title: "After" });
  await forge.standIn.settled();
  const opened = receiver.received.find(({ body }) => JSON.parse(body).action === "opened");
  expect(JSON.parse(opened?.body ?? "").issue.title).toBe("Before");
});

test("a delivery that was refused is not tried again, and can be sent again under a new id", async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge();
  forge.standIn.addHook(REPOSITORY, { url: receiver.url, secret: "s3cret" });
  receiver.answerWith(500);
  await forge.call("alice", "POST", ISSUES, { title: "Lost" });
  await forge.standIn.settled();
  expect(forge.standIn.deliveries()).toMatchObject([{ outcome: "failed", status: 500 }]);
  receiver.answerWith(200);
  forge.standIn.redeliver(forge.standIn.deliveries()[0]?.id ?? 0);
  await forge.standIn.settled();
  const [first, second] = receiver.received;
  expect(second?.body).toBe(first?.body);
  expect(second?.headers["x-hub-signature-256"]).toBe(first?.headers["x-hub-signature-256"]);
  expect(second?.headers["x-gitea-delivery"]).not.toBe(first?.headers["x-gitea-delivery"]);
});

test("a receiver that hangs loses the delivery after five seconds", { timeout: 15_000 }, async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge();
  forge.standIn.addHook(REPOSITORY, { url: receiver.url });
  receiver.answerWith("hang");
  await forge.call("alice", "POST", ISSUES, { title: "Lost" });
  await vi.waitFor(() => expect(forge.standIn.deliveries()[0]?.outcome).toBe("failed"), { timeout: 10_000 });
  expect(receiver.received).toHaveLength(1);
});

test("deliveries can be dropped, and doubled", async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge();
  forge.standIn.addHook(REPOSITORY, { url: receiver.url });
  forge.standIn.faults.dropNextDeliveries(1, { eventType: "issues" });
  await forge.call("alice", "POST", ISSUES, { title: "Dropped" });
  await forge.standIn.settled();
  expect(forge.standIn.deliveries()).toMatchObject([{ outcome: "dropped" }]);
  forge.standIn.faults.duplicateShareOfDeliveries(1);
  await forge.call("alice", "POST", ISSUES, { title: "Doubled" });
  await forge.standIn.settled();
  const ids = receiver.received.map(({ headers }) => headers["x-gitea-delivery"]);
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test("a hook that was made inactive gets nothing", async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge();
  const config = { url: receiver.url, content_type: "json" };
  await forge.call("steward", "POST", `/repos/${REPOSITORY}/hooks`, { type: "gitea", config, events: ["issues"] });
  await forge.call("alice", "POST", ISSUES, { title: "Unheard" });
  await forge.standIn.settled();
  expect(receiver.received).toEqual([]);
});

test("the bot hears of its own acts", async () => {
  await using receiver = await createWebhookReceiver();
  await using forge = await createSmallForge();
  await forge.call("alice", "POST", ISSUES, { title: "Echo" });
  forge.standIn.addHook(REPOSITORY, { url: receiver.url });
  await forge.call("steward", "POST", `${ISSUES}/1/comments`, { body: "working" });
  await forge.standIn.settled();
  expect(receiver.received.map(({ body }) => JSON.parse(body).sender.login)).toEqual(["steward"]);
});
