/**
 * A runner that is stopped for longer than it may be silent, and goes on: nobody can keep the agent of a stopped runner from working, but
 * its task has gone to another runner by then, so that its result, its push and its statuses are refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import type { Program } from "../support/program.ts";
import { waitUntil } from "../support/wait-until.ts";
import { LONG_ISSUE } from "./cast.ts";
import { type FaultWorld, openFaultWorld, script } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";

const LIMIT = { timeout: 480_000 };
const TAKES = { timeout: 120_000, interval: 20 };
/** Longer than the 6 s after which a silent runner is lost. */
const STOPPED_MS = [7_000, 9_000] as const;

const hasSession = ({ words }: Program) => /"kind":"session","msg":"job started"/.test(words());

/** Stops the runner that has the session, until the other has been given the task and some time more. */
async function pauseOwner(runners: readonly Program[], seed: number): Promise<Program> {
  const owner = await waitUntil(() => {
    const found = runners.find(hasSession);
    if (!found) throw new Error("no runner took the session");
    return found;
  }, TAKES);
  owner.signal("SIGSTOP");
  const [least, most] = STOPPED_MS;
  await sleep(least + createRandom(seed)() * (most - least));
  await waitUntil(() => {
    if (!runners.every(hasSession)) throw new Error("the other runner was not given the session");
  }, TAKES).finally(() => owner.signal("SIGCONT"));
  return owner;
}

test.concurrent.for([1, 2])("seed %i: what a stopped runner still does is refused", LIMIT, async (seed) => {
  await using world = await openFaultWorld({ seed, cast: [LONG_ISSUE] });
  const env = { ...world.environment, REDIS_URL: world.redisUrl, STEWARD_DATA: `${world.folder}/other-data` };
  const other = world.program("other-runner", [...script("../../src/main.ts"), "runner"], env);
  other.start();
  const all: FaultWorld = {
    ...world,
    async stop() {
      const end = await other.stop();
      return [...(await world.stop()), end];
    },
  };
  let owner: Program = other;
  const broken = await liveThrough(all, seed, async () => {
    owner = await pauseOwner([world.programs.runner, other], seed);
  });
  expect(broken.filter((words) => !words.startsWith("two sessions at once"))).toEqual([]);
  expect(owner.words()).toMatch(/"kind":"session".*"msg":"job ended without a result"|"outcome":"refused"/);
});
