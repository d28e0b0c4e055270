/** The demo's five issues through the whole loop, as processes: on the stand-in and on a real Gitea. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { folderFiles } from "../../demo/folder-files.ts";
import { createForgeClient, type ForgeClient, type PullSeen } from "../../demo/forge-client.ts";
import { freePort } from "../../demo/free-port.ts";
import { DEMO_ISSUES } from "../../demo/issues.ts";
import { stateOf } from "../../demo/observe.ts";
import { startSteward } from "../../demo/steward-process.ts";
import { recordProof } from "../support/proved.ts";
import { forEachServer } from "../support/servers.ts";
import { callApi, createRepository, type TestServer } from "../support/test-server.ts";

const SAMPLE = fileURLToPath(new URL("../../demo/sample-repository", import.meta.url));
const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const SECRET = "a-webhook-secret-of-the-test";
const LIMIT_MS = 300_000;

async function init(server: TestServer, repository: string, port: number, data: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "init", repository], {
    env: {
      ...process.env,
      GITEA_URL: server.url,
      GITEA_TOKEN: server.tokens.steward,
      GITEA_WEBHOOK_SECRET: SECRET,
      PORT: `${port}`,
      STEWARD_DATA: data,
    },
  });
  return stdout;
}

async function playMaintainer(client: ForgeClient, merged: Map<number, PullSeen>): Promise<void> {
  for (const pull of await client.pulls()) {
    if (pull.state !== "open" || pull.title.startsWith("WIP:")) continue;
    if (await client.merge(pull)) merged.set(pull.number, pull);
  }
}

forEachServer((server) => {
  test(
    "five issues of mixed difficulty end right",
    async () => {
      const folder = await mkdtemp(join(tmpdir(), "steward-e2e-"));
      const port = await freePort();
      const repository = await createRepository(server(), { name: "uploads", files: await folderFiles(SAMPLE) });
      expect(await init(server(), repository, port, folder)).toContain("webhook made");
      expect(await init(server(), repository, port, folder)).toContain("webhook unchanged");
      const steward = await startSteward({
        folder,
        giteaUrl: server().url,
        token: server().tokens.steward,
        webhookSecret: SECRET,
        port,
        sandbox: "auto",
      });
      const client = createForgeClient(server().url, server().tokens.alice, repository);
      const merged = new Map<number, PullSeen>();
      try {
        for (const issue of DEMO_ISSUES) await client.createIssue(issue);
        for (const issue of DEMO_ISSUES) await client.assign(issue.number, "steward");
        await vi.waitFor(
          async () => {
            await playMaintainer(client, merged);
            const states = await Promise.all(
              DEMO_ISSUES.map(async ({ number }) => stateOf(await client.issue(number))),
            );
            expect(states).toEqual(DEMO_ISSUES.map(({ ends }) => (ends === "merged" ? "done" : "needs-human")));
          },
          { timeout: LIMIT_MS, interval: 250 },
        );
        await expectHonest(server(), client, repository, merged);
      } catch (error) {
        process.stderr.write((await readFile(steward.logFile, "utf8")).slice(-20_000));
        throw error;
      } finally {
        await steward.stop();
      }
      recordProof("gitea", server().name);
      await rm(folder, { recursive: true });
    },
    LIMIT_MS + 60_000,
  );
});

/** One status comment an issue, and every merged head has an accepted verdict that was told last. */
async function expectHonest(
  server: TestServer,
  client: ForgeClient,
  repository: string,
  merged: ReadonlyMap<number, PullSeen>,
): Promise<void> {
  expect(merged.size).toBe(DEMO_ISSUES.filter(({ ends }) => ends === "merged").length);
  for (const { number } of DEMO_ISSUES) {
    const own = (await client.comments(number)).filter((comment) => comment.user.login === "steward");
    expect(own.filter((comment) => comment.body.startsWith("<!-- steward:status"))).toHaveLength(1);
  }
  for (const pull of merged.values()) {
    const status = await callApi(
      server,
      server.tokens.alice,
      "GET",
      `/repos/${repository}/commits/${pull.head.sha}/status`,
    );
    expect(status).toMatchObject({ state: "success" });
    expect(JSON.stringify(status)).toContain("steward/verdict");
  }
}
