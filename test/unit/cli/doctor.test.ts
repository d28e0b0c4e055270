/** `steward doctor` says of each thing that can be wrong what it is and what to do, on the stand-in. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createStandInGitea, type StandInGitea } from "../../../demo/stand-in-gitea/stand-in-gitea.ts";
import { startSteward } from "../../../demo/steward-process.ts";
import { readRedisFacts } from "../../../src/queue/redis-facts.ts";
import { ensureRedisServer } from "../../../src/queue/redis-server-process.ts";
import { BENCH_SECRETS, complaints, type DoctorBench, openDoctorBench } from "../../support/doctor-bench.ts";
import { startRedis } from "../../support/redis.ts";

const SCOPES = ["write:issue", "write:repository", "read:user"];
const REPOSITORY = "acme/widgets";

let folder: string;
let gitea: StandInGitea;
let bench: DoctorBench;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "steward-doctor-gitea-"));
  gitea = await createStandInGitea({ folder, deliveryDelayMs: [0, 10] });
  gitea.addUser("steward", { bot: true });
  for (const name of ["widgets", "readable", "writable"])
    await gitea.addRepository(`acme/${name}`, { files: { "README.md": "# Widgets\n" } });
  gitea.setPermission(REPOSITORY, "steward", "admin");
  gitea.setPermission("acme/writable", "steward", "write");
  bench = await openDoctorBench(gitea.url, gitea.addToken("steward", SCOPES));
  gitea.addHook(REPOSITORY, {
    url: `http://127.0.0.1:${bench.port}/webhook/gitea`,
    secret: BENCH_SECRETS.webhook,
  });
});
afterAll(async () => {
  await bench.close();
  await gitea.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the forge", () => {
  test.each(SCOPES)("without the scope %s", async (scope) => {
    const weaker = scope.replace("write:", "read:");
    const others = SCOPES.filter((other) => other !== scope);
    const token = gitea.addToken("steward", weaker === scope ? others : [...others, weaker]);
    const ended = await bench.run(["doctor"], { GITEA_TOKEN: token });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      `FAIL token scope: ${scope} missing: make a token for the bot with all scopes of app.yml, and set GITEA_TOKEN to it.`,
    ]);
  });

  test("with a bot that must change its password", async () => {
    const { token } = gitea.addUser("fresh-bot", { bot: true, mustChangePassword: true });
    const ended = await bench.run(["doctor"], { GITEA_TOKEN: token });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      expect.stringMatching(/^FAIL forge: token known, .* `gitea admin user must-change-password --unset <bot>`/),
    ]);
  });

  test("that is not there", async () => {
    const ended = await bench.run(["doctor"], { GITEA_URL: "http://127.0.0.1:9" });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([expect.stringMatching(/^FAIL forge no answer: .* set GITEA_URL to /)]);
  });

  test("that is another program", async () => {
    await using other = await listen(0);
    const ended = await bench.run(["doctor"], { GITEA_URL: `http://127.0.0.1:${other.port}` });
    expect(complaints(ended)).toEqual([expect.stringMatching(/^FAIL forge .* no Gitea or Forgejo: set GITEA_URL /)]);
  });

  test("where a gateway is in trouble", async () => {
    await using other = await listen(0, 502);
    const ended = await bench.run(["doctor"], { GITEA_URL: `http://127.0.0.1:${other.port}` });
    expect(complaints(ended)).toEqual([expect.stringMatching(/^FAIL forge it answers 502: start the forge/)]);
  });
});

describe("a repository", () => {
  test.each([
    ["acme/readable", "FAIL repository acme/readable: read only; make the bot's account a collaborator", 1],
    ["acme/none", "FAIL repository acme/none: not there, or not for the bot; make the bot's account a collaborator", 1],
    ["acme/writable", "warn repository acme/writable: write only, so the forge does not say what others may", 0],
  ])("%s without the right", async (repository, words, code) => {
    const ended = await bench.run(["doctor", repository]);
    expect(complaints(ended)).toEqual([expect.stringContaining(words)]);
    expect(ended.output).toMatch(/^skip +webhook +not tried: mend "repository" first$/m);
    expect(ended.code).toBe(code);
  });

  test("without the webhook", async () => {
    const ended = await bench.run(["doctor", REPOSITORY], { PUBLIC_URL: "http://steward.example" });
    expect(complaints(ended)).toEqual([
      `FAIL webhook ${REPOSITORY} has no active one for http://steward.example/webhook/gitea: run \`steward init ${REPOSITORY}\`.`,
    ]);
  });

  test("whose deliveries go to a port that another program has", async () => {
    await using _other = await listen(bench.port, 404);
    const ended = await bench.run(["doctor", REPOSITORY]);
    expect(complaints(ended)).toEqual([
      `FAIL webhook round trip Port ${bench.port} is taken by another program: end that, or set PORT.`,
    ]);
  });

  test("whose deliveries the running bot takes, and leaves the bot and its Redis alone", async () => {
    const steward = await startSteward({
      folder: join(bench.folder, "up"),
      giteaUrl: gitea.url,
      token: bench.variables.GITEA_TOKEN ?? "",
      webhookSecret: BENCH_SECRETS.webhook,
      port: bench.port,
      sandbox: "auto",
    });
    try {
      const ended = await bench.run(["doctor", REPOSITORY], { STEWARD_DATA: join(bench.folder, "up/data") });
      expect(complaints(ended)).toEqual([]);
      expect(ended.output).toMatch(/round trip +a signed test delivery arrived after .* s, taken by the running bot$/m);
      expect((await fetch(`${steward.url}/readyz`)).status).toBe(200);
    } finally {
      await steward.stop();
    }
  });
});

describe("this machine", () => {
  test("with a Redis that forgets", async () => {
    await using redis = await startRedis();
    const connection = redis.connect();
    await connection.config("SET", "maxmemory-policy", "allkeys-lru");
    const ended = await bench.run(["doctor"], { REDIS_URL: redis.url });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      "FAIL redis: persistence a restart would lose the queue: set `appendonly yes` in its configuration.",
      "FAIL redis: full memory `allkeys-lru` drops jobs silently: set `maxmemory-policy noeviction` in its configuration.",
    ]);
  });

  test("with a Redis that is not there, or refuses", async () => {
    await using redis = await startRedis();
    const connection = redis.connect();
    await connection.config("SET", "requirepass", "password-of-redis");
    const refused = await bench.run(["doctor"], { REDIS_URL: redis.url });
    expect(complaints(refused)).toEqual([
      "FAIL redis it answers, and refuses to be used: give REDIS_URL a user and password that may use it.",
    ]);
    const missing = await bench.run(["doctor"], { REDIS_URL: join(folder, "none.sock") });
    expect(complaints(missing)).toEqual([expect.stringMatching(/^FAIL redis no answer: start it, or set REDIS_URL /)]);
  });

  test("without the key of a model, which only its profiles need", async () => {
    const ended = await bench.run(["doctor"], { ANTHROPIC_API_KEY: undefined });
    expect(ended.code).toBe(1);
    expect(complaints(ended)).toEqual([
      "FAIL model key: anthropic opus, sonnet, haiku cannot work without it: set ANTHROPIC_API_KEY, or ANTHROPIC_API_KEY_FILE.",
    ]);
  });

  test("that insists on no sandbox, or does so in one place only", async () => {
    const STEWARD_CONFIG = join(bench.folder, "host.yml");
    await writeFile(STEWARD_CONFIG, "runner: { sandbox: host }\n");
    const once = await bench.run(["doctor"], { STEWARD_CONFIG });
    expect(complaints(once)).toEqual([expect.stringMatching(/^FAIL sandbox .*STEWARD_ALLOW_UNSANDBOXED=yes/)]);
    const twice = await bench.run(["doctor"], { STEWARD_CONFIG, STEWARD_ALLOW_UNSANDBOXED: "yes" });
    expect(complaints(twice)).toContainEqual(expect.stringMatching(/^warn sandbox: driver host: jobs have all rights/));
  });

  test("ends the private Redis that it started, and only that", async () => {
    const { socket } = await ensureRedisServer(join(folder, "data"));
    await bench.run(["doctor"], { STEWARD_DATA: join(folder, "data") });
    expect(await readRedisFacts(socket)).toMatchObject({ appendOnly: true });
    await (await ensureRedisServer(join(folder, "data"))).shutdown();
    await bench.run(["doctor"], { STEWARD_DATA: join(folder, "data") });
    expect(await readRedisFacts(socket)).toBeUndefined();
  });
});

test("all problems of the configuration are told, and nothing else is tried", async () => {
  const { code, output } = await bench.run(["doctor"], { GITEA_TOKEN: undefined, PORT: "high" });
  expect({ code, output }).toEqual({
    code: 1,
    output:
      "FAIL  configuration\nThe configuration has 2 problems:\n- GITEA_TOKEN: is not set\n- PORT: must be a number\n" +
      "Mend them and run `steward doctor` again.\n",
  });
});

/** Some other program on a port. */
async function listen(port: number, status = 200): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer((_request, response) => response.writeHead(status).end("<html>something else</html>"));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
