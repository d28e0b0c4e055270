/** Two bot processes at once, one of them killed in the middle: every task is advanced by one of them at a time. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "../../demo/free-port.ts";
import type { Program } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type FaultWorld, openFaultWorld, script } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT = { timeout: 400_000 };
const ADVANCES = { timeout: 90_000, interval: 50 };
const KILLED_AFTER_MS = 1_000;

/** Resolves when a bot has advanced a task. */
function hasAdvanced(bot: Program): Promise<void> {
  const look = () => {
    if (!bot.words().includes('"msg":"task advanced"')) throw new Error(`${bot.name} advanced no task`);
  };
  return waitUntil(look, ADVANCES);
}

test("two bots at once do nothing twice, and one goes on alone", LIMIT, async () => {
  await using world = await openFaultWorld({ seed: 1 });
  // All bots of an instance are reached at one address; links would differ otherwise, and be edited to and fro.
  const shared = { PUBLIC_URL: `http://127.0.0.1:${world.environment.PORT}`, REDIS_URL: world.redisUrl };
  const env = { ...world.environment, ...shared, PORT: `${await freePort()}` };
  const second = world.program("second-bot", script("./bot.ts"), env);
  const third = world.program("third-bot", script("./bot.ts"), { ...env, PORT: `${await freePort()}` });
  const all: FaultWorld = {
    ...world,
    async stop() {
      await third.stop();
      return world.stop();
    },
  };
  second.start();
  third.start();
  const killSecond = async () => {
    await Promise.all([world.programs.bot, second, third].map(hasAdvanced));
    await sleep(KILLED_AFTER_MS);
    await second.kill();
  };
  expect(await liveThrough(all, 1, killSecond)).toEqual([]);
});
