/** `steward up`: it ends in order at any moment, mends what was killed under it, and the next start goes on. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test, vi } from "vitest";
import { openStage } from "../faults/fault-world.ts";
import { leftovers } from "../faults/leftovers.ts";
import { untilAllEnded } from "../faults/live-through.ts";
import { createPeople, type People } from "../faults/people.ts";
import { brokenPromises } from "../faults/promises.ts";
import { openUpWorld, type Part, type UpWorld } from "../faults/up-world.ts";
import { runSteward } from "../support/run-steward.ts";

const LIMIT = { timeout: 300_000 };
const WAIT = { timeout: 90_000, interval: 20 };

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
  expect(await world.up.stop()).toBe(0);
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

/** Runs `up` where it cannot work; the words of a part and of `up` itself. */
async function refusalOf(change: (environment: Readonly<Record<string, string>>) => NodeJS.ProcessEnv) {
  const stage = await openStage({ seed: 1, cast: [] });
  try {
    const { code, errors } = await runSteward(["up"], stage.folder, change(stage.environment));
    await stage.gitea.kill();
    expect(leftovers(stage.folder)).toEqual([]);
    return { code, words: errors.split("\n").filter((line) => line !== "" && !line.startsWith("{")) };
  } finally {
    await stage.gitea.kill();
    await stage.clear();
  }
}

test("a port that is taken ends `up` with one sentence that says what to set", LIMIT, async () => {
  const other = createServer();
  await once(other.listen(0, "127.0.0.1"), "listening");
  const address = other.address();
  const port = typeof address === "object" ? `${address?.port}` : "";
  const { code, words } = await refusalOf((environment) => ({ ...environment, PORT: port }));
  other.close();
  expect(words).toEqual([
    `Steward cannot listen on 127.0.0.1, port ${port}: another program does; end that one, or set PORT to a free port.`,
  ]);
  expect(code).toBe(1);
});

test("a token that the forge refuses ends `up` with one sentence", LIMIT, async () => {
  const { code, words } = await refusalOf((environment) => ({ ...environment, GITEA_TOKEN: "of-nobody" }));
  expect(words).toEqual([expect.stringMatching(/GITEA_TOKEN|token/)]);
  expect(code).toBe(1);
});

test("SIGTERM for all processes at once, Redis too, is still an ordered end", LIMIT, async () => {
  await using world = await openUpWorld();
  const people = await workUnderWay(world);
  for (const part of ["redis", "bot", "runner"] as const) process.kill(world.pidOf(part) ?? 0, "SIGTERM");
  await world.up.stop();
  expect(world.up.words()).not.toContain('"outcome":"killed"');
  expect(world.up.words()).toContain("all parts stopped");
  await nothingIsLeft(world);
  world.gitea.start();
  world.up.start();
  await endsRight(world, people);
});
