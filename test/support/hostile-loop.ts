/** Steward as processes, with an agent that means harm, a forge and a model that repeat the secrets they were sent. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { createForgeClient, type ForgeClient } from "../../demo/forge-client.ts";
import { freePort } from "../../demo/free-port.ts";
import { stateOf } from "../../demo/observe.ts";
import { createStandInGitea, type StandInGitea } from "../../demo/stand-in-gitea/stand-in-gitea.ts";
import { type StewardProcess, startSteward } from "../../demo/steward-process.ts";
import { type EchoingProxy, openEchoingProxy } from "./echoing-proxy.ts";
import { openUpstream } from "./gateway-client.ts";
import { type ArgumentsWatch, watchArguments } from "./process-arguments.ts";

/** The repository that alice owns. */
export const REPOSITORY = "acme/hostile";

const AGENT = fileURLToPath(new URL("hostile-agent", import.meta.url));
const LIMIT_MS = 200_000;

const CHECK = `
import { existsSync, readFileSync } from "node:fs";
if (existsSync("report.txt")) console.log(readFileSync("report.txt", "utf8"));
process.exitCode = existsSync("fail.txt") ? 1 : 0;
`;

const FILES = {
  ".gitea/steward.yml": 'gates:\n  test: { run: "node --run test" }\n',
  "package.json": '{ "name": "hostile", "type": "module", "scripts": { "test": "node check.js" } }\n',
  "check.js": CHECK,
  "test/kept.test.js": 'test("kept", () => check());\n',
  "test/emptied.test.js": 'test("emptied", () => check());\n',
  "test/deleted.test.js": 'test("deleted", () => check());\n',
};

/** Everything that runs. */
export interface HostileLoop extends AsyncDisposable {
  readonly gitea: StandInGitea;
  /** The stand-in itself, without the proxy. */
  readonly giteaUrl: string;
  readonly aliceToken: string;
  readonly alice: ForgeClient;
  readonly steward: StewardProcess;
  /** Where Steward keeps everything: data, configuration and log. */
  readonly folder: string;
  /** By what they are for. */
  readonly secrets: Readonly<Record<"modelKey" | "forgeToken" | "webhookSecret" | "markerKey", string>>;
  readonly proxy: EchoingProxy;
  /** Keys that the model's provider has repeated. */
  readonly providerEchoed: readonly string[];
  readonly processes: ArgumentsWatch;
  /** Opens an issue that calls for an attack, and assigns it to the bot; `given` is what the agent is told besides. */
  attack(attack: string, given?: unknown): Promise<number>;
  /** The bot's words on a thread, its status comment first. */
  wordsOfBot(thread: number): Promise<readonly string[]>;
  /** All logs that a thread links to, in the order of the links. */
  logsOf(thread: number): Promise<readonly string[]>;
  until(issue: number, state: string): Promise<void>;
}

/** How it is to start. */
export interface HostileLoopOptions {
  /** The forge fails so many times, and repeats then what it was sent. */
  readonly failures: number;
  /** More of the configuration, by section. */
  readonly limits?: Readonly<Record<string, number>>;
  readonly runner?: Readonly<Record<string, number>>;
}

/** Starts it all. */
export async function openHostileLoop({ failures, limits, runner }: HostileLoopOptions): Promise<HostileLoop> {
  await using held = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "steward-hostile-"));
  held.defer(() => rm(root, { recursive: true, force: true }));
  const kept = {
    webhookSecret: `webhook-${randomBytes(16).toString("hex")}`,
    markerKey: `marker-${randomBytes(16).toString("hex")}`,
  };
  const proxy = held.use(await openEchoingProxy(failures, Object.values(kept)));
  const [giteaPort, port] = [await freePort(), await freePort()];
  const giteaUrl = `http://127.0.0.1:${giteaPort}`;
  const options = { folder: join(root, "gitea"), port: giteaPort, publicUrl: proxy.url };
  const gitea = held.use(await createStandInGitea({ ...options, deliveryDelayMs: [0, 50] }));
  proxy.forwardTo(giteaUrl);
  const aliceToken = gitea.addUser("alice").token;
  const secrets = {
    modelKey: `sk-ant-${randomBytes(16).toString("hex")}`,
    forgeToken: gitea.addUser("steward", { bot: true }).token,
    ...kept,
  };
  await gitea.addRepository(REPOSITORY, { files: FILES });
  for (const login of ["alice", "steward"]) gitea.setPermission(REPOSITORY, login, "admin");
  gitea.addHook(REPOSITORY, { url: `http://127.0.0.1:${port}/webhook/gitea`, secret: secrets.webhookSecret });
  const providerEchoed: string[] = [];
  const provider = await openUpstream((request, response) => {
    const key = String(request.headers["x-api-key"]);
    providerEchoed.push(key);
    response.writeHead(401, { "content-type": "application/json" });
    response.end(JSON.stringify({ type: "error", error: { type: "authentication_error", message: `bad key ${key}` } }));
  });
  held.defer(provider.close);
  const processes = held.use(watchArguments());
  const folder = join(root, "steward");
  const steward = await startSteward({
    ...{ folder, port, sandbox: "auto", giteaUrl: proxy.url },
    ...{ token: secrets.forgeToken, webhookSecret: secrets.webhookSecret },
    configuration: configuration(provider.url, limits, runner),
    environment: { HOSTILE_MODEL_KEY: secrets.modelKey, STEWARD_KEY: secrets.markerKey, LOG_LEVEL: "trace" },
  });
  held.defer(steward.stop);
  const alice = createForgeClient(giteaUrl, aliceToken, REPOSITORY);
  const wordsOfBot = async (thread: number) =>
    (await alice.comments(thread)).filter(({ user }) => user.login === "steward").map(({ body }) => body);
  const open = held.move();
  return {
    ...{ gitea, giteaUrl, aliceToken, alice, steward, folder, secrets, proxy, providerEchoed, processes },
    async attack(attack, given = {}) {
      const encoded = Buffer.from(JSON.stringify(given)).toString("base64");
      const body = `Attack: ${attack}\n\nGiven: ${encoded}\n`;
      const number = await alice.createIssue({ title: "Do your worst", body });
      await alice.assign(number, "steward");
      return number;
    },
    wordsOfBot,
    async logsOf(thread) {
      const links = (await wordsOfBot(thread)).join("\n").match(new RegExp(`${steward.url}/runs/[0-9a-f]+`, "g"));
      return Promise.all([...new Set(links)].map(async (link) => (await fetch(link)).text()));
    },
    async until(issue, state) {
      const reached = async () => {
        const now = stateOf(await alice.issue(issue));
        if (now !== state) throw new Error(`#${issue} is ${now}`);
      };
      await vi.waitFor(reached, { timeout: LIMIT_MS, interval: 100 });
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

/** JSON is YAML, too. */
function configuration(provider: string, limits: object = {}, runner: object = {}): string {
  const price = { input: 0, output: 0 };
  const hostile = { driver: "command", run: "hostile-agent", context: 200_000, difficulty: "high", price, slots: 4 };
  return JSON.stringify({
    agents: { hostile: { ...hostile, model: "any", endpoint: "echoing" } },
    endpoints: { echoing: { api: "anthropic", url: provider, key: { env: "HOSTILE_MODEL_KEY" } } },
    limits,
    runner: { slots: 4, tools: [AGENT], ...runner },
  });
}
