/** Webhooks are hints: every one lost, and every one three times and out of order, the issues end the same. */
import { expect, test } from "vitest";
import { openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";
import { deliveredBy } from "./stand-in-words.ts";

const LIMIT = { timeout: 400_000 };
const nothing = async () => undefined;

test("every delivery is lost: reconciliation finds everything", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 1, hooks: 0 });
  expect(await liveThrough(world, 1, nothing)).toEqual([]);
  expect(deliveredBy(world.programs.gitea)).toEqual([]);
});

test("every delivery comes three times, out of order: nothing happens twice", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 2, hooks: 3 });
  expect(await liveThrough(world, 2, nothing)).toEqual([]);
  const delivered = deliveredBy(world.programs.gitea);
  expect(delivered.map((count) => count > world.cast.length)).toEqual([true, true, true]);
});
