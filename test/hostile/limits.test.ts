/** Agents that go out of bounds in the whole loop: the thread says what happened, and the runner goes on with its other jobs. */
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openGroupHierarchy } from "../../runners/sandbox/group-hierarchy.ts";
import { type HostileLoop, openHostileLoop, REPOSITORY } from "../support/hostile-loop.ts";
import { openHostileReach } from "../support/hostile-reach.ts";
import { environmentOfPart } from "../support/part-of.ts";
import { PLANTED, plantOutside } from "../support/plant-outside.ts";
import { recordProof } from "../support/proved.ts";
import { isAnywhere, uniqueSeconds } from "../support/sandbox-bench.ts";

const LIMIT_MS = 200_000;

/** Small, so that it takes no time to reach them; a turn has twelve seconds. */
const LIMITS = { "turn-minutes": 0.2 };
const RUNNER = { "output-mebibytes": 4, "disk-mebibytes": 64, "memory-mebibytes": 256, processes: 200 };

const limitsMemory = openGroupHierarchy() !== undefined;

let loop: HostileLoop;

beforeAll(async () => {
  recordProof("sandbox", limitsMemory ? "memory limit" : "NO memory limit, for no control group can be made here");
  loop = await openHostileLoop({ failures: 0, limits: LIMITS, runner: RUNNER });
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write((await readFile(loop.steward.logFile, "utf8")).slice(-20_000)));
});

afterAll(() => loop[Symbol.asyncDispose]());

/** What the threads of an attack show at its end; beside it another issue's work is done on the same runner. */
async function attackBeside(attack: string, state: string, given: unknown = {}) {
  const issue = await loop.attack(attack, given);
  const other = await loop.attack("good");
  await Promise.all([loop.until(issue, state), loop.until(other, "review")]);
  const pull = (await loop.alice.pulls()).find(({ head }) => head.ref.startsWith(`steward/issue-${issue}-`));
  const threads = [issue, ...(pull ? [pull.number] : [])];
  const pullUrl = `${loop.giteaUrl}/api/v1/repos/${REPOSITORY}/pulls/${pull?.number}`;
  const [words, logs, pullText] = await Promise.all([
    Promise.all(threads.map((thread) => loop.wordsOfBot(thread))),
    loop.logsOf(issue),
    pull ? (await fetch(pullUrl)).text() : "",
  ]);
  return { words: [...words.flat(), pullText].join("\n"), log: logs.join("\n") };
}

interface Stop {
  readonly attack: string;
  readonly doing: string;
  readonly state: "review" | "needs-human";
  /** What the thread says of it. */
  readonly said: string;
  /** What the log shows that the thread links to. */
  readonly logged?: RegExp;
}

const STOPS: readonly Stop[] = [
  {
    ...{ attack: "loud", doing: "prints 100 MB in one line", state: "review" },
    said: "stopped early: printed more than 4 MiB",
    logged: /^x{65536} … \(rest of the line left out\)$/m,
  },
  {
    ...{ attack: "fill", doing: "fills its disk", state: "review" },
    said: "stopped early: exit code 1",
    logged: /ENOSPC: no space left on device/,
  },
  {
    ...{ attack: "inodes", doing: "fills its disk with empty files", state: "review" },
    said: "stopped early: exit code 1",
    logged: /^full after \d+: ENOSPC$/m,
  },
  {
    ...{ attack: "bomb", doing: "forks without end", state: "needs-human" },
    said: "reached its limit: took longer than 0.2 minutes",
  },
  {
    ...{ attack: "deaf", doing: "does not hear SIGTERM at its deadline", state: "needs-human" },
    said: "reached its limit: took longer than 0.2 minutes",
  },
];

const OUT_OF_MEMORY: Stop = {
  ...{ attack: "hog", doing: "fills its memory", state: "review" },
  said: "stopped early: ran out of memory (limit 256 MiB)",
};

describe("the thread says so, and another issue's work is done meanwhile, when an agent", () => {
  test.each([...STOPS, ...(limitsMemory ? [OUT_OF_MEMORY] : [])])(
    "$doing",
    {
      timeout: LIMIT_MS,
    },
    async ({ attack, state, said, logged = /^attack: /m }) => {
      const seconds = uniqueSeconds();
      const { words, log } = await attackBeside(attack, state, { seconds });
      expect(words).toContain(said);
      expect(log).toMatch(logged);
      expect(log.length).toBeLessThan(1_000_000);
      expect(isAnywhere(seconds)).toBe(false);
    },
  );

  test("asks its gateway for more than calls of its model", { timeout: LIMIT_MS }, async () => {
    await using reach = await openHostileReach();
    const bot = new URL(loop.steward.url).host;
    const forge = new URL(loop.giteaUrl).host;
    const redis = join(loop.folder, "data", "redis", "redis.sock");
    const targets = [...reach.targets, bot, forge, redis];
    const outside = (await reach.knockOutside(bot, forge, redis)).trim().split("\n");
    expect(outside).toEqual(targets.map((target) => `${target} reached`));

    const { words, log } = await attackBeside("reach", "review", { targets });
    const knocks = log.split("\n").filter((line) => /^\S+ (?:reached|silent|E[A-Z]+)$/.test(line));
    expect(knocks).toHaveLength(targets.length + 1);
    expect(knocks.filter((line) => line.endsWith(" reached"))).toEqual([knocks.at(-1)]);
    expect(log).toMatch(/^\/v1\/files 4\d\d$/m);
    expect(words).toContain("`POST /v1/files`");
  });
});

describe("nothing is left and nothing leaves, and another issue's work is done meanwhile, when an agent", () => {
  test("leaves processes in the background", { timeout: LIMIT_MS }, async () => {
    const seconds = uniqueSeconds();
    const { log } = await attackBeside("stay", "review", { seconds });
    expect(log).toMatch(/^left running 2$/m);
    expect(isAnywhere(seconds)).toBe(false);
  });

  test("plants what git would run", { timeout: LIMIT_MS }, async ({ onTestFinished }) => {
    // Open to everybody on the host: who runs there what was planted leaves a file.
    const canary = mkdtempSync(join(tmpdir(), "steward-canary-"));
    onTestFinished(() => rmSync(canary, { recursive: true }));
    chmodSync(canary, 0o777);
    expect(plantOutside(canary)).toEqual(PLANTED);
    await attackBeside("plant", "review", { canary });
    expect(readdirSync(canary)).toEqual([]);
  });

  test("looks for the forge's token in every process", { timeout: LIMIT_MS }, async () => {
    const { forgeToken } = loop.secrets;
    expect(environmentOfPart(loop.folder, "runner")).toContain(forgeToken);
    const needle = [...forgeToken.slice(0, 12)].reverse().join("");
    const { log } = await attackBeside("steal", "review", { needle });
    expect(log).toMatch(/^own words in [1-9]\d* processes, theirs in 0$/m);
  });
});
