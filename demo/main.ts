/** `npm run demo`: five issues through the whole loop on the stand-in Gitea, with real commits, sandboxes and gates. */
import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { findSandbox } from "./find-sandbox.ts";
import { folderFiles } from "./folder-files.ts";
import { createForgeClient, type ForgeClient } from "./forge-client.ts";
import { freePort } from "./free-port.ts";
import { DEMO_ISSUES } from "./issues.ts";
import { headlineOf, outcomeTable, readOutcomes, stateOf } from "./observe.ts";
import { createStandInGitea, type StandInGitea } from "./stand-in-gitea/stand-in-gitea.ts";
import { type StewardProcess, startSteward } from "./steward-process.ts";

const REPOSITORY = "acme/uploads";
const SAMPLE = fileURLToPath(new URL("./sample-repository", import.meta.url));
/** Where everything is kept that the demo leaves behind. */
const OUTPUT = fileURLToPath(new URL("../demo-output", import.meta.url));
const POLL_MS = 250;
/** Longer than this it never takes; something is wrong then. */
const LIMIT_MS = 120_000;

const started = performance.now();

function say(text: string): void {
  process.stdout.write(`${((performance.now() - started) / 1_000).toFixed(1).padStart(5)} s  ${text}\n`);
}

async function main(keep: boolean): Promise<boolean> {
  await rm(OUTPUT, { recursive: true, force: true });
  await mkdir(OUTPUT, { recursive: true });
  const sandbox = await findSandbox(join(OUTPUT, "steward", "data"), process.env.PATH ?? "");
  say(sandbox.sentence);
  const gitea = await createStandInGitea({ folder: join(OUTPUT, "gitea") });
  say(`a stand-in Gitea listens on ${gitea.url} (seed ${gitea.seed})`);
  const alice = gitea.addUser("alice").token;
  const bot = gitea.addUser("steward", { bot: true }).token;
  await gitea.addRepository(REPOSITORY, { files: await folderFiles(SAMPLE) });
  gitea.setPermission(REPOSITORY, "alice", "admin");
  gitea.setPermission(REPOSITORY, "steward", "admin");
  const webhookSecret = randomBytes(16).toString("hex");
  const port = await freePort();
  gitea.addHook(REPOSITORY, { url: `http://127.0.0.1:${port}/webhook/gitea`, secret: webhookSecret });
  const steward = await startSteward({
    folder: join(OUTPUT, "steward"),
    giteaUrl: gitea.url,
    token: bot,
    webhookSecret,
    port,
    sandbox: sandbox.driver,
  });
  say(`Steward is up on ${steward.url}`);
  const client = createForgeClient(gitea.url, alice, REPOSITORY);
  try {
    return await play(client, gitea, steward, keep);
  } finally {
    await steward.stop();
    await gitea.close();
  }
}

async function play(
  client: ForgeClient,
  gitea: StandInGitea,
  steward: StewardProcess,
  keep: boolean,
): Promise<boolean> {
  for (const issue of DEMO_ISSUES) await client.createIssue(issue);
  for (const issue of DEMO_ISSUES) await client.assign(issue.number, "steward");
  say("alice has opened five issues and assigned them to the bot");
  const endedAt = await watchUntilEnded(client);
  const outcomes = await readOutcomes(client, endedAt);
  process.stdout.write(`\n${outcomeTable(outcomes)}\n\nThe threads as pages:\n`);
  for (const page of await saveThreads(client, gitea)) process.stdout.write(`  ${page}\n`);
  process.stdout.write(`\nSteward's log: ${steward.logFile}\n`);
  if (keep) await keepRunning(gitea, steward);
  return outcomes.every((outcome) => outcome.ended === outcome.issue.ends);
}

/** Plays the maintainer who merges what is ready, and tells what happens; resolves with the seconds at which each ended. */
async function watchUntilEnded(client: ForgeClient): Promise<ReadonlyMap<number, number>> {
  const endedAt = new Map<number, number>();
  const told = new Map<number, string>();
  while (endedAt.size < DEMO_ISSUES.length && performance.now() - started < LIMIT_MS) {
    await mergeReady(client);
    for (const { number, ends } of DEMO_ISSUES) {
      const [issue, comments] = await Promise.all([client.issue(number), client.comments(number)]);
      const state = stateOf(issue);
      const words = `#${number} ${state.padEnd(12)} ${headlineOf(comments)}`;
      if (told.get(number) !== words && headlineOf(comments) !== "") say(words);
      told.set(number, words);
      const ended = ends === "merged" ? state === "done" : state === "needs-human";
      if (ended && !endedAt.has(number)) endedAt.set(number, (performance.now() - started) / 1_000);
    }
    await sleep(POLL_MS);
  }
  return endedAt;
}

async function mergeReady(client: ForgeClient): Promise<void> {
  for (const pull of await client.pulls()) {
    if (pull.state !== "open" || pull.title.startsWith("WIP:")) continue;
    if (await client.merge(pull)) say(`   alice merges !${pull.number} ${pull.head.ref}`);
  }
}

async function saveThreads(client: ForgeClient, gitea: StandInGitea): Promise<readonly string[]> {
  const numbers = [...DEMO_ISSUES.map((issue) => issue.number), ...(await client.pulls()).map((pull) => pull.number)];
  return numbers
    .sort((a, b) => a - b)
    .map((number) => {
      const file = join(OUTPUT, `thread-${number}.html`);
      gitea.saveThread(REPOSITORY, number, file);
      return file;
    });
}

async function keepRunning(gitea: StandInGitea, steward: StewardProcess): Promise<void> {
  process.stdout.write(
    `\nKept running until Ctrl-C:\n  Gitea    ${gitea.url}/${REPOSITORY}/issues\n  Steward  ${steward.url}/readyz\n`,
  );
  await new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

const right = await main(process.argv.includes("--keep"));
say(right ? "every issue ended as it should" : "NOT every issue ended as it should");
process.exitCode = right ? 0 : 1;
