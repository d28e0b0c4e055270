/** A session of the real Claude Code against a scripted model: gateway on a unix socket, forwarder, sandbox or none. */
import { chmod, copyFile, link, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Gateway, openGateway } from "../../runners/gateway/gateway.ts";
import { createBubblewrapSandbox } from "../../runners/sandbox/bubblewrap-sandbox.ts";
import { forwarded } from "../../runners/sandbox/forwarder.ts";
import type { SandboxResult } from "../../runners/sandbox/sandbox.ts";
import { openPlainView } from "./plain-view.ts";
import { openScriptedMessagesApi, type ScriptedMessagesApi, type ScriptedTurn } from "./scripted-messages-api.ts";

/** What a profile configures for Claude Code: the sandbox stands in for permission prompts, and a dead provider is soon told. */
export const CLAUDE_CODE_RUN =
  "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 CLAUDE_CODE_MAX_RETRIES=2 claude -p --dangerously-skip-permissions --model sonnet";

/** The key that only the gateway may know. */
export const OUTSIDE_KEY = "sk-ant-known-outside-only";

const PROGRAM = fileURLToPath(new URL("../../node_modules/@anthropic-ai/claude-code/bin/claude.exe", import.meta.url));

/** Traversable by the job's user, as a socket and tools for it must be. */
const PARENT = "/var/tmp";

/** Inside, where the sandbox has a network of its own, any port is free. */
const PORT = 8080;

/** Our own Node and the system's programs: a plain view cannot expose what lies in a closed home folder. */
const SEARCH = { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: "/nonexistent" };

const MEBIBYTE = 1024 * 1024;
const LIMITS = { timeoutMs: 90_000, memoryBytes: 2048 * MEBIBYTE, processes: 256, cpus: 2, outputBytes: MEBIBYTE };

/** How it went, while everything is still open to look at. */
export interface ClaudeCodeSession {
  readonly result: SandboxResult;
  readonly output: string;
  readonly gateway: Gateway;
  readonly api: ScriptedMessagesApi;
  /** A file of the work folder afterwards. */
  read(file: string): Promise<string>;
}

/** Runs the prompt in a sandbox in which nothing but the gateway can be reached. */
export async function runClaudeCode(
  turns: (workFolder: string) => readonly ScriptedTurn[],
  prompt: string,
  check: (session: ClaudeCodeSession) => Promise<void>,
): Promise<void> {
  await using held = new AsyncDisposableStack();
  const folder = await toolsFolder();
  held.defer(() => rm(folder, { recursive: true }));
  const socketPath = join(folder, "gateway.sock");
  const sandbox = await createBubblewrapSandbox({ tools: [folder] }, SEARCH);
  const view = held.use(await openPlainView([...sandbox.exposes, socketPath]));
  const api = await openScriptedMessagesApi({ key: OUTSIDE_KEY, turns: turns(sandbox.workFolder(view)) });
  held.defer(api.close);
  const { signal } = new AbortController();
  const endpoint = { api: "anthropic", url: api.url, key: OUTSIDE_KEY } as const;
  const gateway = await openGateway({ socketPath, endpoint, model: "profile-model", signal, log: () => undefined });
  held.defer(gateway.close);
  let output = "";
  const result = await sandbox.run({
    view,
    ...forwarded({ socketPath, port: PORT, argv: ["sh", "-c", CLAUDE_CODE_RUN] }),
    env: { ANTHROPIC_BASE_URL: `http://127.0.0.1:${PORT}`, ANTHROPIC_API_KEY: "opens-nothing" },
    stdin: prompt,
    writable: [],
    limits: LIMITS,
    onOutput: (chunk) => {
      output += chunk.toString();
    },
    signal,
  });
  await check({ result, output, gateway, api, read: (file) => readFile(join(view.path, file), "utf8") });
}

/** A folder such as the operator's `tools`; the program is large, so it is linked where that is possible. */
async function toolsFolder(): Promise<string> {
  const folder = await mkdtemp(join(PARENT, "steward-tools-"));
  await chmod(folder, 0o755);
  await mkdir(join(folder, "bin"), { mode: 0o755 });
  const program = join(folder, "bin", "claude");
  await link(PROGRAM, program).catch(() => copyFile(PROGRAM, program));
  return folder;
}
