/** `steward init` on every server at hand: what is missing is made, what is there stays, what is wrong is made anew. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runSteward } from "../../support/run-steward.ts";
import { forEachServer } from "../../support/servers.ts";
import { callApi, createRepository } from "../../support/test-server.ts";

const PUBLIC_URL = "http://127.0.0.1:3999";
const HOOK_URL = `${PUBLIC_URL}/webhook/gitea`;

forEachServer((server) => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "steward-init-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const init = (...words: readonly string[]) =>
    runSteward(["init", ...words], folder, {
      GITEA_URL: server().url,
      GITEA_TOKEN: server().tokens.steward,
      GITEA_WEBHOOK_SECRET: "a-secret-of-sixteen",
      PUBLIC_URL,
    });
  const newRepository = (steward: "admin" | "write" | "read" = "admin") =>
    createRepository(server(), { name: `init-${randomBytes(4).toString("hex")}`, collaborators: { steward } });
  const hooksOf = (repository: string) => callApi(server(), server().tokens.alice, "GET", `/repos/${repository}/hooks`);
  const labelsOf = (repository: string) =>
    callApi(server(), server().tokens.alice, "GET", `/repos/${repository}/labels?limit=50`);
  const addHook = (repository: string, hook: Readonly<Record<string, unknown>>) =>
    callApi(server(), server().tokens.alice, "POST", `/repos/${repository}/hooks`, {
      type: "gitea",
      active: true,
      events: ["push"],
      config: { url: HOOK_URL, content_type: "json", secret: "a-secret-of-sixteen" },
      ...hook,
    });

  test("makes webhook and labels once, and changes nothing when it is run again", async () => {
    const repository = await newRepository();
    const first = await init(repository);
    expect(first).toEqual({
      code: 0,
      output: `${repository}: webhook made (${HOOK_URL}), labels are there.\n`,
      errors: "",
    });
    const [hooks, labels] = [await hooksOf(repository), await labelsOf(repository)];
    expect(hooks).toMatchObject([{ active: true, config: { url: HOOK_URL, content_type: "json" } }]);
    expect(labels).toEqual(
      expect.arrayContaining([expect.objectContaining({ name: "agent/queued", exclusive: true })]),
    );

    const again = await init(repository);
    expect(again).toEqual({ ...first, output: first.output.replace("made", "unchanged") });
    expect([sorted(await hooksOf(repository)), await labelsOf(repository)]).toEqual([sorted(hooks), labels]);
  });

  test.each([
    ["is not active", { active: false }],
    ["lacks events", { events: ["push"] }],
    ["sends forms", { config: { url: HOOK_URL, content_type: "form", secret: "a-secret-of-sixteen" } }],
  ])("replaces a webhook that %s", async (_what, wrong) => {
    const repository = await newRepository();
    await addHook(repository, { events: ["issues", "pull_request", "push", "create", "delete", "status"], ...wrong });
    const { output } = await init(repository);
    expect(output).toContain("webhook replaced");
    expect(await hooksOf(repository)).toMatchObject([
      { active: true, config: { content_type: "json" }, events: expect.arrayContaining(["issues", "issue_comment"]) },
    ]);
    expect((await init(repository)).output).toContain("webhook unchanged");
  });

  test("leaves webhooks to other addresses alone", async () => {
    const repository = await newRepository();
    await addHook(repository, { config: { url: "http://127.0.0.1:9/other", content_type: "json" } });
    await init("--replace", repository);
    expect(await hooksOf(repository)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ config: expect.objectContaining({ url: "http://127.0.0.1:9/other" }) }),
        expect.objectContaining({ config: expect.objectContaining({ url: HOOK_URL }) }),
      ]),
    );
  });

  test("makes a webhook anew when it is told to, because its secret cannot be read", async () => {
    const repository = await newRepository();
    await init(repository);
    const { output } = await init("--replace", repository);
    expect(output).toContain("webhook replaced");
    expect(await hooksOf(repository)).toHaveLength(1);
  });

  test("says of each repository where the bot may not, and prepares the others", async () => {
    const [readable, writable, good] = [
      await newRepository("read"),
      await newRepository("write"),
      await newRepository(),
    ];
    const { code, output } = await init(readable, writable, "alice/none", good);
    const way = "make the account a collaborator with admin permission.";
    expect({ code, lines: output.trimEnd().split("\n") }).toEqual({
      code: 1,
      lines: [
        `${readable}: the bot's account has read permission only; ${way}`,
        `${writable}: the bot's account has write permission only; ${way}`,
        `alice/none: not there, or not for the bot; ${way}`,
        `${good}: webhook made (${HOOK_URL}), labels are there.`,
      ],
    });
  });

  test("refuses what is no repository's name", async () => {
    const { code, errors } = await init("widgets");
    expect({ code, errors }).toEqual({ code: 1, errors: "`widgets` is not a repository; write it as owner/name.\n" });
  });
});

/** Gitea tells a hook's events in any order. */
function sorted(hooks: unknown): unknown {
  if (!Array.isArray(hooks)) return hooks;
  return hooks.map((hook: { readonly events: readonly string[] }) => ({ ...hook, events: [...hook.events].sort() }));
}
