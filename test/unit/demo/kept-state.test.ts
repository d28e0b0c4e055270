/** A stand-in that runs as a program and is killed goes on where it was. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { callApi } from "./small-forge.ts";
import { createWebhookReceiver } from "./webhook-receiver.ts";
import { cloneRepository } from "./working-copy.ts";

const MAIN = join(import.meta.dirname, "../../../demo/stand-in-gitea/main.ts");
const Started = z.object({ url: z.string(), seed: z.number(), tokens: z.record(z.string(), z.string()) });

const folder = mkdtempSync(join(tmpdir(), "kept-state-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Program {
  readonly url: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly child: ChildProcess;
}

async function start(...more: readonly string[]): Promise<Program> {
  const args = [MAIN, "--folder", join(folder, "server"), "--data", join(folder, "data.json"), ...more];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  for await (const line of createInterface({ input: child.stdout })) {
    return { ...Started.parse(JSON.parse(line)), child };
  }
  throw new Error("the stand-in ended before it listened");
}

async function kill(program: Program): Promise<void> {
  const ended = new Promise((resolve) => program.child.once("exit", resolve));
  program.child.kill("SIGKILL");
  await ended;
}

test("issues, tokens, commits and waiting deliveries outlive kill -9", { timeout: 120_000 }, async () => {
  await using receiver = await createWebhookReceiver();
  const repository = {
    name: "acme/widgets",
    files: { "README.md": "# widgets\n" },
    permissions: { alice: "write" },
    hooks: [{ url: receiver.url, secret: "s3cret" }],
  };
  const data = { users: [{ login: "alice" }], repositories: [repository] };
  writeFileSync(join(folder, "data.json"), JSON.stringify(data));

  const first = await start("--delivery-delay-ms", "60000");
  const token = first.tokens.alice ?? "";
  await callApi(first.url, token, "POST", "/repos/acme/widgets/issues", { title: "Kept" });
  const copy = await cloneRepository(`${first.url}/acme/widgets.git`, join(folder, "clone"), "alice", token);
  const sha = await copy.commit("feature", { "a.txt": "a\n" }, "Add a", "main");
  await copy.push("feature");
  await kill(first);
  expect(receiver.received).toEqual([]);

  const second = await start("--delivery-delay-ms", "0", "--port", new URL(first.url).port);
  try {
    expect(second.tokens).toEqual(first.tokens);
    const issue = await callApi(second.url, token, "GET", "/repos/acme/widgets/issues/1");
    expect(issue.body).toMatchObject({ title: "Kept", number: 1 });
    const branch = await callApi(second.url, token, "GET", "/repos/acme/widgets/branches/feature");
    expect(branch.body).toMatchObject({ commit: { id: sha } });
    const next = await callApi(second.url, token, "POST", "/repos/acme/widgets/issues", { title: "Next" });
    expect(next.body).toMatchObject({ number: 2 });
    await expect.poll(() => receiver.received.length, { timeout: 10_000 }).toBe(4);
    const events = receiver.received.map(({ headers }) => headers["x-gitea-event-type"]);
    expect(events.sort()).toEqual(["create", "issues", "issues", "push"]);
  } finally {
    await kill(second);
  }
});
