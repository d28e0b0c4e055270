/** Steward as processes with the real Claude Code as its agent: one model that works by a script, and one that is overloaded. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createForgeClient, type ForgeClient } from "../../demo/forge-client.ts";
import { freePort } from "../../demo/free-port.ts";
import { createStandInGitea, type StandInGitea } from "../../demo/stand-in-gitea/stand-in-gitea.ts";
import { type StewardProcess, startSteward } from "../../demo/steward-process.ts";
import { CLAUDE_CODE_RUN } from "./claude-code-session.ts";
import { type ArgumentsWatch, watchArguments } from "./process-arguments.ts";
import { openScriptedMessagesApi, type ScriptedMessagesApi, type ScriptedTurn } from "./scripted-messages-api.ts";

/** The repository that alice owns. */
export const REPOSITORY = "acme/greetings";

/** Dollars per million tokens of both profiles. */
export const PRICE = { input: 3, cached: 0.3, output: 15 } as const;

/** `.bin/claude` links into the second folder, so a sandbox needs both. */
const TOOLS = ["node_modules/.bin", "node_modules/@anthropic-ai/claude-code"].map((folder) =>
  fileURLToPath(new URL(`../../${folder}`, import.meta.url)),
);

const FILES = {
  "package.json": JSON.stringify({
    name: "greetings",
    private: true,
    type: "module",
    scripts: { build: "node --check src/greet.js", test: "node --test" },
  }),
  "src/greet.js": `export function greet() {\n  return "Hello";\n}\n`,
  "test/greet.test.js": [
    'import assert from "node:assert/strict";',
    'import { test } from "node:test";',
    'import { greet } from "../src/greet.js";',
    "",
    'test("greets", () => assert.match(greet("Ada"), /^Hello/));',
    "",
  ].join("\n"),
};

/** What only Steward's own processes may know. */
export interface Secrets {
  readonly modelKey: string;
  readonly forgeToken: string;
  readonly webhookSecret: string;
}

/** Everything that runs. */
export interface ClaudeCodeLoop extends AsyncDisposable {
  readonly gitea: StandInGitea;
  /** Alice, who opens issues. */
  readonly client: ForgeClient;
  readonly aliceToken: string;
  readonly steward: StewardProcess;
  /** Where Steward keeps everything: data, configuration and log. */
  readonly folder: string;
  readonly secrets: Secrets;
  /** The model of the profile `claude`. */
  readonly api: ScriptedMessagesApi;
  /** The model of the profile `overloaded`: it answers 529 to everything. */
  readonly overloaded: ScriptedMessagesApi;
  readonly processes: ArgumentsWatch;
}

/** Starts it all; `turns` is what the working model says. */
export async function openClaudeCodeLoop(
  turns: (secrets: Secrets) => readonly ScriptedTurn[],
): Promise<ClaudeCodeLoop> {
  await using held = new AsyncDisposableStack();
  const root = await mkdtemp(join(tmpdir(), "steward-claude-"));
  held.defer(() => rm(root, { recursive: true, force: true }));
  const gitea = held.use(await createStandInGitea({ folder: join(root, "gitea"), deliveryDelayMs: [0, 50] }));
  const aliceToken = gitea.addUser("alice").token;
  const secrets = {
    modelKey: `sk-ant-${randomBytes(16).toString("hex")}`,
    forgeToken: gitea.addUser("steward", { bot: true }).token,
    webhookSecret: randomBytes(16).toString("hex"),
  };
  const api = await openScriptedMessagesApi({ key: secrets.modelKey, turns: turns(secrets) });
  held.defer(api.close);
  const overloaded = await openScriptedMessagesApi({ turns: [{ status: 529, error: "overloaded" }] });
  held.defer(overloaded.close);
  const port = await freePort();
  await addRepository(gitea, port, secrets);
  const processes = held.use(watchArguments());
  const folder = join(root, "steward");
  const steward = await startSteward({
    folder,
    giteaUrl: gitea.url,
    token: secrets.forgeToken,
    webhookSecret: secrets.webhookSecret,
    port,
    sandbox: "auto",
    configuration: configuration(api.url, overloaded.url),
    environment: { SCRIPTED_MODEL_KEY: secrets.modelKey, LOG_LEVEL: "trace" },
  });
  held.defer(steward.stop);
  const client = createForgeClient(gitea.url, aliceToken, REPOSITORY);
  const open = held.move();
  const dispose = () => open.disposeAsync();
  const parts = { gitea, client, aliceToken, steward, folder, secrets, api, overloaded, processes };
  return { ...parts, [Symbol.asyncDispose]: dispose };
}

async function addRepository(gitea: StandInGitea, port: number, { webhookSecret }: Secrets): Promise<void> {
  await gitea.addRepository(REPOSITORY, { files: FILES });
  gitea.setPermission(REPOSITORY, "alice", "admin");
  gitea.setPermission(REPOSITORY, "steward", "admin");
  gitea.addHook(REPOSITORY, { url: `http://127.0.0.1:${port}/webhook/gitea`, secret: webhookSecret });
}

/** JSON is YAML, too. */
function configuration(apiUrl: string, overloadedUrl: string): string {
  const agent = { driver: "command", run: CLAUDE_CODE_RUN, context: 200_000, difficulty: "high", price: PRICE };
  return JSON.stringify({
    agents: {
      claude: { ...agent, model: "scripted-model", endpoint: "scripted" },
      overloaded: { ...agent, endpoint: "overloaded" },
    },
    endpoints: {
      scripted: { api: "anthropic", url: apiUrl, key: { env: "SCRIPTED_MODEL_KEY" } },
      overloaded: { api: "anthropic", url: overloadedUrl },
    },
    runner: { slots: 4, tools: TOOLS },
  });
}

/** Opens an issue that names its agent, and assigns it to the bot. */
export async function assignTo(client: ForgeClient, agent: "claude" | "overloaded"): Promise<number> {
  const body = [
    "`greet` in `src/greet.js` takes a name and says it.",
    ...["### Context Estimate", "- Files to modify: 1", "- Implementation complexity: low", "- Test requirements: low"],
    ...["### Difficulty", "low", "### Agent", agent],
  ].join("\n\n");
  const number = await client.createIssue({ title: "Greet people by their name", body });
  await client.assign(number, "steward");
  return number;
}
