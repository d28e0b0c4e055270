/** Configuration: everything that is wrong is told at once, with the nearest valid name. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig, requireRedis, secretsOf } from "../../../src/config.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-config-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

const COMPLETE = {
  GITEA_URL: "http://git.example",
  GITEA_TOKEN: "the-token-of-the-bot",
  GITEA_WEBHOOK_SECRET: "a-secret-of-sixteen",
};

async function withFile(text: string, more: NodeJS.ProcessEnv = {}): Promise<NodeJS.ProcessEnv> {
  const path = join(folder, "steward.yml");
  await writeFile(path, text);
  return { ...COMPLETE, STEWARD_CONFIG: path, ...more };
}

async function problemsOf(text: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const variables = await withFile(text, more);
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof Error) return error.message.replaceAll(folder, "");
  }
  return "";
}

test("defaults fill in everything that was not said", () => {
  const config = loadConfig({ ...COMPLETE, STEWARD_CONFIG: undefined });
  expect(config.environment.PORT).toBe(3900);
  expect(config.publicUrl).toBe("http://127.0.0.1:3900");
  expect(config.file.limits).toMatchObject({
    attempts: 5,
    "step-up-after": 3,
    "turn-minutes": 30,
    "session-minutes": 120,
  });
  expect(Object.keys(config.profiles)).toEqual(["opus", "sonnet", "haiku"]);
});

test("the self-hosted profiles of the catalogue come with their endpoint", async () => {
  const config = loadConfig(
    await withFile('endpoints: { self-hosted: { api: anthropic, url: "http://models.example" } }'),
  );
  expect(Object.keys(config.profiles)).toEqual(["opus", "sonnet", "haiku", "glm", "minimax"]);
});

test("all problems are told together", async () => {
  const problems = await problemsOf(
    [
      "agnets: {}",
      "limits: { attemps: 3, turn-minutes: soon }",
      "runner: { slots: 0, tools: [relative] }",
      "agents: { fast: { driver: command, context: 1000, difficulty: mediun } }",
    ].join("\n"),
    { GITEA_TOKEN: undefined, GITEA_TOKN: "x", GITEA_URL: "not a url", PORT: "99999999" },
  );
  expect(problems).toMatchInlineSnapshot(`
    "The configuration has 10 problems:
    - GITEA_URL: must be an address, like https://git.example.org
    - GITEA_TOKEN: is not set; is \`GITEA_TOKN\` meant to be it?
    - PORT: must be at most 65535
    - /steward.yml: agents.fast.run: is missing
    - /steward.yml: agents.fast.difficulty: must be one of \`low\`, \`medium\`, \`high\`; did you mean \`medium\`?
    - /steward.yml: limits.turn-minutes: must be a number
    - /steward.yml: limits: \`attemps\` is not a known key; did you mean \`attempts\`?
    - /steward.yml: runner.slots: must be more than 0
    - /steward.yml: runner.tools.0: must begin with \`/\`
    - /steward.yml: \`agnets\` is not a known key; did you mean \`agents\`?"
  `);
});

test("what is known but not built yet is told apart from typing mistakes, and beside them", async () => {
  const problems = await problemsOf(
    [
      "limits: { day-dollars: 50, attemps: 3 }",
      "runner: { sandbox: docker, slots: 0 }",
      "agents: { small: { driver: builtin, context: 1000, difficulty: low, endpoint: elsewhere } }",
      'endpoints: { other: { api: openai, url: "http://models.example" } }',
    ].join("\n"),
  );
  expect(problems).toMatchInlineSnapshot(`
    "The configuration has 7 problems:
    - /steward.yml: agents.small.driver: \`builtin\` is not supported yet
    - /steward.yml: endpoints.other.api: \`openai\` is not supported yet
    - /steward.yml: limits: \`day-dollars\` is not supported yet
    - /steward.yml: runner.sandbox: \`docker\` is not supported yet
    - /steward.yml: agents.small.endpoint: \`elsewhere\` is not under endpoints (there: anthropic, other)
    - /steward.yml: limits: \`attemps\` is not a known key; did you mean \`attempts\`?
    - /steward.yml: runner.slots: must be more than 0"
  `);
});

test("a wrong word is told with the nearest right one, and a short secret without showing it", async () => {
  const problems = await problemsOf(
    [
      "agents: { fast: { driver: comand, run: x, context: 1000, difficulty: low }, 'no name': { driver: external } }",
      "runner: { sandbox: bubblewarp, cpus: [], labels: ['a b'] }",
    ].join("\n"),
    { GITEA_WEBHOOK_SECRET: "a-secret-of-sixteen,too-short", LOG_LEVEL: "infos" },
  );
  expect(problems).toMatchInlineSnapshot(`
    "The configuration has 7 problems:
    - GITEA_WEBHOOK_SECRET: must have at least 16 characters, each if there are several
    - LOG_LEVEL: must be one of \`trace\`, \`debug\`, \`info\`, \`warn\`, \`error\`, \`silent\`; did you mean \`info\`?
    - /steward.yml: agents.fast.driver: must be one of \`command\`, \`external\`; did you mean \`command\`?
    - /steward.yml: agents.no name: is no name: use letters, digits, \`.\`, \`_\` and \`-\`, and begin with a letter or digit
    - /steward.yml: runner.labels.0: has characters that it may not have
    - /steward.yml: runner.sandbox: must be one of \`auto\`, \`bubblewrap\`, \`host\`; did you mean \`bubblewrap\`?
    - /steward.yml: runner.cpus: must be a number"
  `);
});

test("a way out that is no host is told at the start, before any set-up needs it", async () => {
  expect(
    await problemsOf("runner: { egress: [packages.example.org, 'https://registry.example/', 'host:0', ''] }"),
  ).toMatchInlineSnapshot(`
    "The configuration has 3 problems:
    - /steward.yml: runner.egress.1: must be a host: \`name\` or \`name:port\`
    - /steward.yml: runner.egress.2: must be a host: \`name\` or \`name:port\`
    - /steward.yml: runner.egress.3: must be a host: \`name\` or \`name:port\`"
  `);
});

test("a profile must name an endpoint that exists", async () => {
  expect(
    await problemsOf(
      "agents: { fast: { driver: command, run: x, context: 1000, difficulty: low, endpoint: nowhere } }",
    ),
  ).toContain("agents.fast.endpoint: `nowhere` is not under endpoints (there: anthropic)");
});

test("broken YAML is one sentence with its place", async () => {
  expect(await problemsOf("agents: [")).toMatch(/steward\.yml: .* at line 1/);
});

test("a file that was named and is not there is a problem", () => {
  expect(() => loadConfig({ ...COMPLETE, STEWARD_CONFIG: join(folder, "none.yml") })).toThrow("cannot be read");
});

test("secrets may come from files, and an unreadable one is told", async () => {
  const path = join(folder, "token");
  await writeFile(path, "token-from-a-file\n");
  const { GITEA_TOKEN: _token, ...rest } = COMPLETE;
  const config = loadConfig({ ...rest, GITEA_TOKEN_FILE: path, ANTHROPIC_API_KEY_FILE: path });
  expect(config.environment.GITEA_TOKEN).toBe("token-from-a-file");
  expect(config.endpoints.anthropic?.key).toBe("token-from-a-file");
  expect(() => loadConfig({ ...rest, GITEA_TOKEN_FILE: join(folder, "none") })).toThrow(
    "GITEA_TOKEN_FILE: the file it names cannot be read",
  );
});

test("several webhook secrets and marker keys are all secrets", () => {
  const config = loadConfig({
    ...COMPLETE,
    GITEA_WEBHOOK_SECRET: "a-secret-of-sixteen,another-of-sixteen",
    STEWARD_KEY: "k".repeat(32),
    ANTHROPIC_API_KEY: "a-model-key",
  });
  expect(secretsOf(config)).toEqual([
    "the-token-of-the-bot",
    "a-secret-of-sixteen",
    "another-of-sixteen",
    "k".repeat(32),
    "a-model-key",
  ]);
});

test("without a Redis the sentence says what to do", () => {
  expect(() => requireRedis(loadConfig(COMPLETE))).toThrow("REDIS_URL is not set. Set it, or use `steward up`");
});

test("the password of a Redis is a secret, a socket has none", () => {
  const withUrl = { ...COMPLETE, REDIS_URL: "redis://:a%2Fpassword@127.0.0.1" };
  expect(secretsOf(loadConfig(withUrl))).toEqual(expect.arrayContaining(["a%2Fpassword", "a/password"]));
  expect(secretsOf(loadConfig({ ...COMPLETE, REDIS_URL: "/run/redis.sock" }))).toEqual(secretsOf(loadConfig(COMPLETE)));
});

test("a runner need not hold the secret of webhooks; the bot must", () => {
  const given = { ...COMPLETE, GITEA_WEBHOOK_SECRET: undefined, STEWARD_CONFIG: undefined };
  expect(loadConfig(given, "runner").webhookSecrets).toEqual([]);
  expect(() => loadConfig(given)).toThrow("GITEA_WEBHOOK_SECRET: is not set");
});
