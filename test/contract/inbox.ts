/** What every inbox promises. */
import { expect, test } from "vitest";
import type { Delivery, Inbox, StoredDelivery } from "../../src/ports/inbox.ts";
import { rawDelivery } from "../support/raw-delivery.ts";

/** Short enough to wait for, long enough not to be over between two lines of a test. */
const UNSETTLED_MS = 200;

/** Registers the suite; `create` gives an empty inbox that hands out again what was not settled for `unsettledMs`. */
export function describeInbox(create: (options: { readonly unsettledMs: number }) => Promise<Inbox>): void {
  const open = () => create({ unsettledMs: UNSETTLED_MS });

  test("hands out what was appended, oldest first and unchanged", async () => {
    const inbox = await open();
    await inbox.append(rawDelivery(delivery("one", { body: '{"text":"ünïcode 🚀\\r\\n"}', receivedAt: 17 })));
    await inbox.append(rawDelivery(delivery("two")));
    const taken = await inbox.take(10, 1_000);
    expect(taken.map(withoutKey)).toEqual([
      { ...delivery("one", { body: '{"text":"ünïcode 🚀\\r\\n"}', receivedAt: 17 }), attempt: 1 },
      { ...delivery("two"), attempt: 1 },
    ]);
  });

  test("keeps two deliveries with the same id apart", async () => {
    const inbox = await open();
    await inbox.append(rawDelivery(delivery("same")));
    await inbox.append(rawDelivery(delivery("same")));
    const taken = await inbox.take(10, 1_000);
    expect(new Set(taken.map(({ key }) => key)).size).toBe(2);
  });

  test("hands out no more than was asked for", async () => {
    const inbox = await open();
    for (const id of ["a", "b", "c"]) await inbox.append(rawDelivery(delivery(id)));
    expect(await inbox.take(2, 0)).toHaveLength(2);
    expect(await inbox.take(2, 0)).toHaveLength(1);
  });

  test("does not hand out what somebody works on", async () => {
    const inbox = await open();
    await inbox.append(rawDelivery(delivery("one")));
    await inbox.take(1, 0);
    expect(await inbox.take(1, 0)).toEqual([]);
  });

  test("hands out again what nobody settled, and counts", async () => {
    const inbox = await open();
    await inbox.append(rawDelivery(delivery("one")));
    await inbox.take(1, 0);
    const again = await takeUntilThereIsOne(inbox);
    expect(again).toMatchObject([{ id: "one", attempt: 2 }]);
  });

  test("forgets what was settled", async () => {
    const inbox = await open();
    await inbox.append(rawDelivery(delivery("one")));
    await inbox.append(rawDelivery(delivery("two")));
    const [first] = await inbox.take(1, 0);
    await inbox.settle(first?.key ?? "");
    expect(await inbox.size()).toBe(1);
    expect(await takeUntilThereIsOne(inbox)).toMatchObject([{ id: "two" }]);
  });

  test("keeps what was refused with the reason, newest first, and does not hand it out", async () => {
    const inbox = await open();
    for (const id of ["one", "two"]) {
      await inbox.append(rawDelivery(delivery(id)));
      for (const taken of await inbox.take(1, 0)) await inbox.refuse(taken, `because of ${id}`);
    }
    expect(await inbox.listRefused(10)).toEqual([
      { delivery: delivery("two"), reason: "because of two" },
      { delivery: delivery("one"), reason: "because of one" },
    ]);
    expect(await inbox.listRefused(1)).toHaveLength(1);
    expect(await inbox.size()).toBe(0);
  });

  test("wakes a waiting consumer when something is appended", async () => {
    const inbox = await open();
    const waiting = inbox.take(1, 5_000);
    await inbox.append(rawDelivery(delivery("late")));
    expect(await waiting).toMatchObject([{ id: "late" }]);
  });

  test("answers with nothing after the wait when nothing comes", async () => {
    const inbox = await open();
    expect(await inbox.take(1, 20)).toEqual([]);
  });

  test("knows a fact once it was remembered, not before", async () => {
    const inbox = await open();
    expect(await inbox.isNewFact("f1")).toBe(true);
    expect(await inbox.isNewFact("f1")).toBe(true);
    await inbox.rememberFact("f1");
    expect(await inbox.isNewFact("f1")).toBe(false);
    expect(await inbox.isNewFact("f2")).toBe(true);
  });
}

function delivery(id: string, rest: Partial<Delivery> = {}): Delivery {
  return { id, eventType: "issues", body: "{}", receivedAt: 1, ...rest };
}

function withoutKey({ key: _, ...rest }: StoredDelivery): Omit<StoredDelivery, "key"> {
  return rest;
}

async function takeUntilThereIsOne(inbox: Inbox): Promise<readonly StoredDelivery[]> {
  for (;;) {
    const taken = await inbox.take(1, 20);
    if (taken.length > 0) return taken;
  }
}
