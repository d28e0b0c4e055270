/** Webhooks are hints: every one lost, and every one three times and out of order, the issues end the same. */
import { expect, test } from "vitest";
import { openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT = { timeout: 180_000 };
const nothing = async () => undefined;

test("every delivery is lost: reconciliation finds everything", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 1, hooks: 0 });
  expect(await liveThrough(world, 1, nothing)).toEqual([]);
});

test("every delivery comes three times, out of order: nothing happens twice", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 2, hooks: 3 });
  expect(await liveThrough(world, 2, nothing)).toEqual([]);
});
