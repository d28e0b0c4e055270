/** Known secrets, planted in a bot whose forge and model repeat them in every complaint, are looked for everywhere. */
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type HostileLoop, openHostileLoop, REPOSITORY } from "../support/hostile-loop.ts";
import { environmentOfPart } from "../support/part-of.ts";

const LIMIT_MS = 200_000;
const MEBIBYTE = 1024 * 1024;

let loop: HostileLoop;
let issue: number;

beforeAll(async () => {
  loop = await openHostileLoop({ failures: 8 });
  issue = await loop.attack("secrets");
  await loop.until(issue, "review");
}, LIMIT_MS);

afterAll(() => loop[Symbol.asyncDispose]());

/** A text as it is, in hexadecimal, and what its base64 contains wherever it begins. */
function formsOf(text: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from(`${"x".repeat(shift)}${text}`)
      .toString("base64")
      .slice(4, -4),
  );
  return [text, Buffer.from(text).toString("hex"), ...base64, encodeURIComponent(text)];
}

function needles(): readonly string[] {
  return Object.values(loop.secrets).flatMap(formsOf);
}

function found(text: string): readonly string[] {
  return needles().filter((needle) => text.includes(needle));
}

/** Every object of a repository as it is, packed or not, reachable or not: names, contents and messages. */
async function everyObject(gitFolder: string): Promise<string> {
  const git = ["-C", gitFolder, "cat-file", "--batch", "--batch-all-objects", "--unordered"];
  return (await promisify(execFile)("git", git, { encoding: "latin1", maxBuffer: MEBIBYTE })).stdout;
}

/** The git directories in a folder. */
async function repositoriesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name === "HEAD").map(({ parentPath }) => parentPath);
}

/** Redis as a client and a reader of its files see it: what it writes there is not to be compressed. */
async function writeOutRedis(): Promise<void> {
  const redis = new Redis({ path: join(loop.folder, "data", "redis", "redis.sock") });
  await redis.config("SET", "rdbcompression", "no");
  await redis.save();
  redis.disconnect();
}

/** All threads, and all logs that they link to. */
async function everythingShown(): Promise<string> {
  const numbers = [issue, ...(await loop.alice.pulls()).map(({ number }) => number)];
  const comments = await Promise.all(numbers.map((number) => loop.alice.comments(number)));
  const pulls = await fetch(`${loop.giteaUrl}/api/v1/repos/${REPOSITORY}/pulls?state=all`);
  const texts = [...comments.flat().map(({ body }) => body), await pulls.text()].join("\n");
  const links = new Set(texts.match(new RegExp(`${loop.steward.url}/runs/[0-9a-f]+`, "g")));
  const logs = await Promise.all([...links].map(async (link) => (await fetch(link)).text()));
  return [texts, ...logs].join("\n");
}

async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(await Promise.all(paths.map(async (path) => [path, await readFile(path, "latin1")] as const)));
}

test("the forge and the model did repeat them", () => {
  const { forgeToken, modelKey } = loop.secrets;
  const sent = loop.proxy.echoed.map((header) =>
    header.startsWith("Basic ") ? Buffer.from(header.slice(6), "base64").toString() : header,
  );
  expect(sent.filter((header) => header.includes(forgeToken)).length).toBeGreaterThan(2);
  expect(sent).toContain(`steward:${forgeToken}`);
  expect(loop.providerEchoed).toContain(modelKey);
});

test("whoever looks where they are finds them", () => {
  const { forgeToken, webhookSecret, markerKey } = loop.secrets;
  expect(found(environmentOfPart(loop.folder, "serve"))).toEqual(
    expect.arrayContaining([forgeToken, webhookSecret, markerKey]),
  );
});

test("none is in a thread or in a log that it links to", async () => {
  const shown = await everythingShown();
  expect(shown).toContain("attack: secrets");
  expect(shown).toContain("bad key ***");
  expect(found(shown)).toEqual([]);
});

test("none is in a commit, though the agent wrote down all it could learn", async () => {
  const pushed = await everyObject(loop.gitea.gitFolder(REPOSITORY));
  expect(pushed).toContain('"STEWARD_TASK":"acme/hostile#1"');
  expect(pushed).toContain("bad key ***");
  expect(found(pushed)).toEqual([]);
});

test("none is in the arguments of any process", () => {
  const seen = loop.processes.seen();
  for (const program of ["main.ts runner", "bwrap ", "redis-server"]) {
    expect(seen.filter((line) => line.includes(program))).not.toEqual([]);
  }
  expect(found(seen.join("\n"))).toEqual([]);
});

test("none is in Redis, logs or any other file of Steward's", async () => {
  await writeOutRedis();
  await loop.steward.stop();
  const files = await filesBelow(loop.folder);
  const holding = (text: string) => [...files].filter(([, content]) => content.includes(text)).map(([path]) => path);
  // Redis appends every write to a file, so that all job data there ever was is looked at.
  expect(holding('"command":"hostile-agent"').filter((path) => path.includes("/redis/appendonlydir/"))).toHaveLength(1);
  expect(holding("task advanced")).toContain(loop.steward.logFile);
  expect(holding("you sent ")).toContain(loop.steward.logFile);
  expect(holding("and I know ***")).toContain(loop.steward.logFile);
  expect(holding("acme/hostile#1").filter((path) => path.endsWith(".rdb"))).not.toEqual([]);
  expect(needles().flatMap(holding)).toEqual([]);

  const repositories = await repositoriesBelow(loop.folder);
  const objects = (await Promise.all(repositories.map(everyObject))).join("\n");
  expect(objects).toContain('"STEWARD_TASK":"acme/hostile#1"');
  expect(found(objects)).toEqual([]);
});
