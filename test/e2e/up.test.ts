/** `steward up`: it ends in order at any moment, mends what was killed under it, and the next start goes on. */
import { existsSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { leftovers } from "../faults/leftovers.ts";
import { untilAllEnded } from "../faults/live-through.ts";
import { createPeople, type People } from "../faults/people.ts";
import { brokenPromises } from "../faults/promises.ts";
import { openUpWorld, type Part, type UpWorld } from "../faults/up-world.ts";

const LIMIT = { timeout: 120_000 };
const WAIT = { timeout: 30_000, interval: 20 };

function until(condition: () => boolean): Promise<unknown> {
  return vi.waitFor(() => {
    if (!condition()) throw new Error("not yet");
  }, WAIT);
}

/** An issue whose agent is at work just now. */
async function workUnderWay(world: UpWorld): Promise<People> {
  const people = createPeople(world);
  await people.openAll();
  await agentAtWork(world);
  return people;
}

const agentAtWork = ({ agents }: UpWorld) => until(() => agents.intervals().some(({ ended }) => !ended));

async function endsRight(world: UpWorld, people: People): Promise<void> {
  await untilAllEnded(world, people, world.redisUrl);
  expect(brokenPromises(await people.look(), world)).toEqual([]);
}

/** Gitea, whose process is the test's own, has ended before. */
async function nothingIsLeft(world: UpWorld): Promise<void> {
  await world.gitea.kill();
  await until(() => world.pidOf("redis") === undefined);
  expect(leftovers(world.folder)).toEqual([]);
  expect(existsSync(world.redisUrl)).toBe(false);
}

test("SIGTERM in the middle of a session leaves nothing, and the next start goes on", LIMIT, async () => {
  await using world = await openUpWorld();
  const people = await workUnderWay(world);
  expect(await world.up.stop()).toBeLessThan(10_000);
  await nothingIsLeft(world);
  world.gitea.start();
  world.up.start();
  await endsRight(world, people);
  await world.up.stop();
  await nothingIsLeft(world);
});

test("kill -9 of `up` ends bot and runner; Redis survives and is adopted by the next start", LIMIT, async () => {
  await using world = await openUpWorld();
  const people = await workUnderWay(world);
  const redis = world.pidOf("redis");
  await world.up.kill();
  await until(() => world.pidOf("bot") === undefined && world.pidOf("runner") === undefined);
  expect(world.pidOf("redis")).toBe(redis);
  world.up.start();
  await endsRight(world, people);
  expect(world.pidOf("redis")).toBe(redis);
  await world.up.stop();
  await nothingIsLeft(world);
});

test("kill -9 of `up` while its parts start leaves none of them behind", LIMIT, async () => {
  await using world = await openUpWorld();
  await until(() => world.pidOf("bot") !== undefined && world.pidOf("runner") !== undefined);
  await world.up.kill();
  await until(() => world.pidOf("bot") === undefined && world.pidOf("runner") === undefined);
});

test.for<Part>(["bot", "runner", "redis"])(
  "kill -9 of %s under `up`: it is started again and the issue ends right",
  LIMIT,
  async (part) => {
    await using world = await openUpWorld();
    const people = await workUnderWay(world);
    const before = world.pidOf(part);
    if (before === undefined) throw new Error(`${part} does not run`);
    process.kill(before, "SIGKILL");
    await endsRight(world, people);
    expect(world.pidOf(part)).not.toBe(before);
    await world.up.stop();
    await nothingIsLeft(world);
  },
);
