/** Agents that mean harm in the whole loop: what they did is told on the thread, and it does nothing there. */
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type HostileLoop, openHostileLoop, REPOSITORY } from "../support/hostile-loop.ts";
import { callApi } from "../support/test-server.ts";

const LIMIT_MS = 200_000;
/** What `neutralise` puts into a word, so that it reads the same and does nothing. */
const INVISIBLE = /\u200b/g;

let loop: HostileLoop;

beforeAll(async () => {
  loop = await openHostileLoop({ failures: 0 });
});

beforeEach(({ onTestFailed }) => {
  onTestFailed(async () => void process.stderr.write((await readFile(loop.steward.logFile, "utf8")).slice(-20_000)));
});

afterAll(() => loop[Symbol.asyncDispose]());

const Pull = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string(),
  head: z.object({ sha: z.string(), ref: z.string() }),
});
const Status = z.object({ context: z.string(), status: z.string() });

async function alice(path: string): Promise<unknown> {
  return callApi({ url: loop.giteaUrl }, loop.aliceToken, "GET", `/repos/${REPOSITORY}${path}`);
}

async function pullOf(issue: number): Promise<z.infer<typeof Pull>> {
  const pulls = z.array(Pull).parse(await alice("/pulls?state=all"));
  const pull = pulls.find(({ head }) => head.ref.startsWith(`steward/issue-${issue}-`));
  if (!pull) throw new Error(`#${issue} has no pull request`);
  return pull;
}

async function wordsOfBot(thread: number): Promise<readonly string[]> {
  const comments = await loop.alice.comments(thread);
  return comments.filter(({ user }) => user.login === "steward").map(({ body }) => body);
}

test("who names other issues and people in files, tests, logs and commits touches none of them", {
  timeout: LIMIT_MS,
}, async () => {
  const bystander = await loop.alice.createIssue({ title: "Bystander", body: "Leave me alone.\n" });
  const issue = await loop.attack(`words on ${bystander}`);
  await loop.until(issue, "review");
  const pull = await pullOf(issue);
  const said = [...(await wordsOfBot(issue)), ...(await wordsOfBot(pull.number)), pull.title, pull.body].join("\n");
  expect(said.replace(INVISIBLE, "")).toContain(`closes #${bystander}, fixes: #${bystander}`);
  expect(said.match(new RegExp(`[#!]${bystander}\\b`, "g"))).toBeNull();
  expect(said).not.toMatch(/(?:^|[^\w`/])@(?:alice|everyone)/m);
  expect(said.match(/<!-- steward:status/g)).toHaveLength(1);
  expect(said.match(/\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):? +#\d+/gi)).toEqual([`Closes #${issue}`]);

  const merged = await loop.alice.merge(
    (await loop.alice.pulls()).find(({ number }) => number === pull.number) ?? raise(),
  );
  expect(merged).toBe(true);
  await loop.until(issue, "done");
  expect(await loop.alice.issue(issue)).toMatchObject({ state: "closed" });
  expect(await loop.alice.issue(bystander)).toMatchObject({ state: "open" });
  expect(await alice(`/issues/${bystander}/timeline`)).toEqual([]);
  expect(await alice(`/issues/${issue}/timeline`)).not.toEqual([]);
});

function raise(): never {
  throw new Error("the pull request is gone");
}

test("who makes the gates easier gets no green verdict, and every change is on the thread", {
  timeout: LIMIT_MS,
}, async () => {
  const issue = await loop.attack("easier");
  await loop.until(issue, "needs-human");
  const parked = (await wordsOfBot(issue)).find((body) => body.startsWith("<!-- steward:parked")) ?? "";
  for (const file of [
    ".gitea/steward.yml",
    "package.json",
    "test/kept.test.js",
    "test/emptied.test.js",
    "test/deleted.test.js",
  ]) {
    expect(parked).toContain(`\`${file}\``);
  }
  expect(parked).toContain("`/accept`");
  const { head } = await pullOf(issue);
  const statuses = z.object({ statuses: z.array(Status) }).parse(await alice(`/commits/${head.sha}/status`)).statuses;
  expect(statuses.map(({ context }) => context).sort()).toEqual(["steward/test", "steward/verdict"]);
  expect(statuses.find(({ context }) => context === "steward/verdict")?.status).not.toBe("success");
});

test("who says that it is done and changed nothing is asked once more, and then a person is", {
  timeout: LIMIT_MS,
}, async () => {
  const issue = await loop.attack("nothing");
  await loop.until(issue, "needs-human");
  const status = (await wordsOfBot(issue)).find((body) => body.startsWith("<!-- steward:status")) ?? "";
  expect(status).toContain("ended without any work");
  expect((await loop.alice.pulls()).filter(({ head }) => head.ref.startsWith(`steward/issue-${issue}-`))).toEqual([]);
});
