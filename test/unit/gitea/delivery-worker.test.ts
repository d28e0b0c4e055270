/** What becomes of stored deliveries: effect once, refused, tried again, given up. */
import { describe, expect, test } from "vitest";
import { createDeliveryWorker, type EventReceiver } from "../../../src/gitea/delivery-worker.ts";
import type { AppEvent } from "../../../src/ports/app-event.ts";
import type { Inbox } from "../../../src/ports/inbox.ts";
import { createMemoryInbox } from "../../../src/queue/memory-inbox.ts";
import { rawDelivery } from "../../support/raw-delivery.ts";
import { silentLog } from "../../support/silent-log.ts";
import { readRecorded } from "../../support/webhook-server.ts";

const recorded = await readRecorded("gitea-1.26.0");

function recordedBody(file: string): string {
  return recorded.get(file)?.body ?? "";
}

const ASSIGNED = recordedBody("007-assign-one--issue_assign.assigned");
const delivery = (id: string, body = ASSIGNED, eventType = "issue_assign") => ({ id, eventType, body, receivedAt: 1 });

/** Works until the inbox is empty, or until `done` says so. */
async function work(inbox: Inbox, receive: EventReceiver["receive"], done?: () => boolean): Promise<void> {
  const impatient: Inbox = { ...inbox, take: (count) => inbox.take(count, 1) };
  const worker = createDeliveryWorker({ inbox: impatient, app: { receive }, log: silentLog });
  worker.start();
  await expect.poll(async () => (done ? done() : (await inbox.size()) === 0), { timeout: 10_000 }).toBe(true);
  await worker.stop();
}

async function inboxWith(...deliveries: readonly ReturnType<typeof delivery>[]) {
  const inbox = createMemoryInbox({ unsettledMs: 5 });
  for (const each of deliveries) await inbox.append(rawDelivery(each));
  const events: AppEvent[] = [];
  const receive = async (event: AppEvent) => {
    events.push(event);
  };
  return { inbox, events, receive };
}

describe("a signed delivery that is no valid event is kept as refused, without effect:", () => {
  test.each([
    ["no JSON", "issues", "{"],
    ["nothing", "issues", ""],
    ["no object", "issues", "null"],
    ["a list", "issues", "[]"],
    ["an event nobody knows", "meteor_strike", ASSIGNED],
    ["a name that every object has", "constructor", ASSIGNED],
    ["the payload of another event", "push", ASSIGNED],
    ["an action nobody knows", "issues", ASSIGNED.replace('"assigned"', '"teleported"')],
    ["an issue without a number", "issues", ASSIGNED.replaceAll('"number": 1', '"number": "one"')],
    ["a repository with a name that is none", "issues", ASSIGNED.replaceAll('"acme/widgets"', '"../../etc"')],
  ])("%s", async (_name, eventType, body) => {
    const { inbox, events, receive } = await inboxWith(delivery("d", body, eventType));
    await work(inbox, receive);
    expect(events).toEqual([]);
    expect(await inbox.listRefused(10)).toMatchObject([
      { delivery: { id: "d", body }, reason: expect.stringMatching(/./) },
    ]);
  });
});

test("a valid delivery that nobody reads is settled, not refused", async () => {
  const { inbox, events, receive } = await inboxWith(
    delivery("d", "{}", "release"),
    delivery("e", "{}", "workflow_job"),
  );
  await work(inbox, receive);
  expect([events, await inbox.listRefused(10)]).toEqual([[], []]);
});

describe("a fact", () => {
  test("has one effect, though it came under two ids", async () => {
    const { inbox, events, receive } = await inboxWith(delivery("one"), delivery("two"));
    await work(inbox, receive);
    expect(events).toMatchObject([{ id: "one", name: "issues", payload: { action: "assigned" } }]);
  });

  test("has one effect, though it came again after a restart", async () => {
    const { inbox, events, receive } = await inboxWith(delivery("one"));
    await work(inbox, receive);
    await inbox.append(rawDelivery(delivery("again")));
    await work(inbox, receive);
    expect(events).toHaveLength(1);
  });

  test("is another one when the body differs by a letter", async () => {
    const { inbox, events, receive } = await inboxWith(
      delivery("one"),
      delivery("two", ASSIGNED.replace("Opened", "opened")),
    );
    await work(inbox, receive);
    expect(events).toHaveLength(2);
  });

  test("whose handlers failed has its effect by another hook's delivery", async () => {
    const { inbox } = await inboxWith(delivery("one"), delivery("two"));
    const tries: string[] = [];
    await work(inbox, async ({ id }) => {
      tries.push(id);
      if (tries.length === 1) throw new Error("forge is down");
    });
    expect(tries).toEqual(["one", "two"]);
  });
});

describe("a delivery whose handlers fail", () => {
  test("is tried again until they do not", async () => {
    const { inbox } = await inboxWith(delivery("one"));
    const tries: string[] = [];
    await work(inbox, async ({ id }) => {
      tries.push(id);
      if (tries.length < 3) throw new Error("forge is down");
    });
    expect(tries).toHaveLength(3);
    expect(await inbox.listRefused(10)).toEqual([]);
  });

  test("does not keep others from theirs", async () => {
    const { inbox } = await inboxWith(
      delivery("bad"),
      delivery("good", recordedBody("034-closed--issues.closed"), "issues"),
    );
    const seen: string[] = [];
    await work(
      inbox,
      async ({ id }) => {
        seen.push(id);
        if (id === "bad") throw new Error("a bug");
      },
      () => seen.includes("good"),
    );
    expect(seen).toContain("good");
  });

  test("is given up in the end, and kept with the reason", async () => {
    const { inbox } = await inboxWith(delivery("one"));
    await work(inbox, () => Promise.reject(new Error("a bug in a handler")));
    const refused = await inbox.listRefused(10);
    expect(refused).toMatchObject([
      { delivery: { id: "one" }, reason: expect.stringMatching(/\d+ times: a bug in a handler/) },
    ]);
  });
});

test("an inbox that fails is asked again", async () => {
  const { inbox, events, receive } = await inboxWith(delivery("one"));
  const calls: number[] = [];
  const flaky: Inbox = {
    ...inbox,
    take: (count, waitMs) =>
      calls.push(calls.length) === 1 ? Promise.reject(new Error("redis")) : inbox.take(count, waitMs),
  };
  await work(flaky, receive, () => events.length === 1);
  expect(events).toHaveLength(1);
});

test("stopping waits for what is under way, and takes nothing more", async () => {
  const { inbox } = await inboxWith(delivery("one"));
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const worker = createDeliveryWorker({
    inbox,
    log: silentLog,
    app: {
      async receive() {
        started.resolve();
        await finish.promise;
      },
    },
  });
  worker.start();
  await started.promise;
  const stopped = worker.stop();
  await inbox.append(rawDelivery(delivery("late", recordedBody("034-closed--issues.closed"), "issues")));
  finish.resolve();
  await stopped;
  expect(await inbox.take(10, 0)).toMatchObject([{ id: "late", attempt: 1 }]);
});
