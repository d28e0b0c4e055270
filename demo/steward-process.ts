/** `steward up` as a process of its own, with the demo's configuration or another one. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const AGENTS = fileURLToPath(new URL("./agents", import.meta.url));
const POLL_MS = 50;
const START_MS = 30_000;

export interface StewardOptions {
  /** Data, configuration and log are kept here. */
  readonly folder: string;
  readonly giteaUrl: string;
  readonly token: string;
  readonly webhookSecret: string;
  readonly port: number;
  readonly sandbox: "auto" | "host";
  /** The text of its steward.yml; absent: the demo's. */
  readonly configuration?: string;
  /** More variables, such as the keys of endpoints. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface StewardProcess {
  readonly url: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

/** Five profiles as the default catalogue has them, played by one scripted program. */
function demoConfiguration(sandbox: string): string {
  const profile = (name: string, context: number, difficulty: string, input: number, output: number, slots: number) =>
    `  ${name}: { driver: command, run: scripted-agent, context: ${context}, difficulty: ${difficulty}, price: { input: ${input}, output: ${output} }, slots: ${slots} }`;
  return [
    "agents:",
    profile("opus", 200_000, "high", 5, 25, 1),
    profile("sonnet", 200_000, "medium", 3, 15, 2),
    profile("haiku", 200_000, "low", 1, 5, 2),
    profile("glm", 128_000, "medium", 0, 0, 2),
    profile("minimax", 128_000, "low", 0, 0, 2),
    `runner: { slots: 6, sandbox: ${sandbox}, tools: [${JSON.stringify(AGENTS)}] }`,
    "",
  ].join("\n");
}

/** Starts it and resolves when it is ready. */
export async function startSteward(options: StewardOptions): Promise<StewardProcess> {
  const { folder, port } = options;
  await mkdir(folder, { recursive: true });
  const config = join(folder, "steward.yml");
  await writeFile(config, options.configuration ?? demoConfiguration(options.sandbox));
  const logFile = join(folder, "steward.log");
  const log = openSync(logFile, "a");
  const child = spawn(process.execPath, [MAIN, "up"], {
    stdio: ["ignore", log, log],
    env: {
      ...process.env,
      GITEA_URL: options.giteaUrl,
      GITEA_TOKEN: options.token,
      GITEA_WEBHOOK_SECRET: options.webhookSecret,
      PORT: `${port}`,
      STEWARD_DATA: join(folder, "data"),
      STEWARD_CONFIG: config,
      STEWARD_ALLOW_UNSANDBOXED: options.sandbox === "host" ? "yes" : "no",
      ...options.environment,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child, logFile);
  return {
    url,
    logFile,
    async stop() {
      if (child.exitCode !== null) return;
      child.kill("SIGTERM");
      await once(child, "exit");
    },
  };
}

async function untilReady(url: string, child: ChildProcess, logFile: string): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (!(await isReady(url))) {
    if (child.exitCode !== null) throw new Error(`steward ended at its start; its words are in ${logFile}`);
    if (performance.now() > deadline) throw new Error(`steward is not ready; its words are in ${logFile}`);
    await sleep(POLL_MS);
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    (response) => response.ok,
    () => false,
  );
}
