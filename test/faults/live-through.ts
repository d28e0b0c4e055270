/** Lets all issues live through faults to their end and one quiet reconciliation, and tells which promises were broken. */
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { createRandom } from "../../demo/stand-in-gitea/random.ts";
import { Task } from "../../src/domain/task.ts";
import { waitUntil } from "../support/wait-until.ts";
import { type FaultWorld, REPOSITORY, type Stage } from "./fault-world.ts";
import { leftovers } from "./leftovers.ts";
import { createPeople, type People, type Sight } from "./people.ts";
import { brokenPromises } from "./promises.ts";
import { RECONCILE_INTERVAL_MS } from "./reconcile-interval.ts";

/** Longer than every lock, lease and pause together: what has not ended by then does not end. */
const END_MS = 240_000;
const LOOK_MS = 400;
/** Looks in which nothing new must be seen at last. */
const LOOKS = 4;
/** Characters of what a part said last. */
const LAST_WORDS = 1_000;
/** Between the words of people. */
const SPEAK_AFTER_MS = 2_500;

/** Opens the issues, lets `faults` happen meanwhile, waits for the end and ends everything in order. */
export async function liveThrough(
  world: FaultWorld,
  seed: number,
  faults: () => Promise<unknown>,
): Promise<readonly string[]> {
  const people = createPeople(world);
  await people.openAll();
  await Promise.all([faults(), speakAll(people, world.cast, seed)])
    .then(() => untilAllEnded(world, people, world.redisUrl))
    .catch((error: unknown) => blameCrashed(world, error));
  const { sight, moving } = await quietSight(people);
  const broken = brokenPromises(sight, world);
  // While everything runs there must be something to see, or nothing left would prove nothing.
  const blind = leftovers(world.folder).length > 0 ? [] : ["processes that run are not seen"];
  const crashed = Object.values(world.programs).filter(({ isRunning }) => !isRunning);
  const codes = await world.stop();
  return [
    ...[...broken, ...moving, ...blind],
    ...crashed.map(({ name }) => `${name} had ended by itself`),
    ...codes.flatMap((code) => (code === 0 ? [] : [`bot or runner did not end in time by SIGTERM: ${code}`])),
    ...leftovers(world.folder),
  ];
}

/** Who waited in vain is told which part had ended by itself, and its last words. */
function blameCrashed({ programs }: FaultWorld, error: unknown): never {
  const crashed = Object.values(programs).filter(({ isRunning }) => !isRunning);
  if (crashed.length === 0) throw error;
  const words = crashed.map((part) => `${part.name} had ended by itself: ${part.words().slice(-LAST_WORDS)}`);
  throw new Error([String(error), ...words].join("\n"), { cause: error });
}

/** What people see when a reconciliation changes nothing of it any more: words said last are still answered before. */
async function quietSight(people: People): Promise<{ readonly sight: Sight; readonly moving: readonly string[] }> {
  let sight = await people.look();
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(2 * RECONCILE_INTERVAL_MS);
    const later = await people.look();
    if (JSON.stringify(sight) === JSON.stringify(later)) return { sight, moving: [] };
    sight = later;
  }
  return { sight, moving: ["something changes again and again after the end"] };
}

async function speakAll(people: People, cast: Stage["cast"], seed: number): Promise<void> {
  const random = createRandom(seed + 1);
  await Promise.all(
    cast.map(async ({ number, says }) => {
      for (const words of says) {
        await sleep(random() * SPEAK_AFTER_MS);
        await people.say(number, words);
      }
    }),
  );
}

/** Resolves when each issue is in the state in which it must end, with nothing left to publish. */
export async function untilAllEnded({ cast }: Stage, people: People, redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null, retryStrategy: () => LOOK_MS });
  redis.on("error", () => undefined);
  try {
    await waitUntil(
      async () => {
        await people.mergeReady();
        const states = await Promise.all(cast.map(({ number }) => stateOf(redis, number)));
        const wrong = cast.filter(({ ends }, index) => states[index]?.name !== ends);
        if (wrong.length === 0) return;
        throw new Error(
          wrong.map(({ number, ends }) => `#${number} is not ${ends}: ${states[number - 1]?.why}`).join("; "),
        );
      },
      { timeout: END_MS, interval: LOOK_MS },
    );
  } finally {
    redis.disconnect();
  }
}

interface StateSeen {
  /** Absent while something is left to publish. */
  readonly name?: Task["phase"]["state"];
  readonly why: string;
}

async function stateOf(redis: Redis, number: number): Promise<StateSeen> {
  const text = await redis.hget(`steward:{${REPOSITORY}#${number}}:document`, "text");
  if (text === null) return { why: "unknown" };
  const { phase, reason, unpublished } = Task.parse(JSON.parse(text));
  if (unpublished) return { why: `${phase.state}, not published` };
  return { name: phase.state, why: `${phase.state}, ${"detail" in phase ? phase.detail : reason}` };
}
