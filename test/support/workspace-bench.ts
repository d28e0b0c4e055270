/** What tests of workspaces and jobs share: a real git server, a runner's folder, and a real sandbox. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunnerConfig } from "../../runners/runner-config.ts";
import { createBubblewrapSandbox } from "../../runners/sandbox/bubblewrap-sandbox.ts";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import type { View } from "../../runners/sandbox/view.ts";
import { openWorkspaces } from "../../runners/workspace/git-workspaces.ts";
import type { RepositoryWorkspace, Workspaces } from "../../runners/workspace/workspace.ts";
import { RepositoryName } from "../../src/domain/ids.ts";
import { type Files, type GitServer, startGitServer } from "./git-server.ts";
import { LIMITS } from "./sandbox-bench.ts";

const MEBIBYTE = 1024 * 1024;

/** The repository that the server has. */
export const REPOSITORY = RepositoryName.parse("acme/widgets");

/** All of it, ready to use. */
export interface WorkspaceBench extends AsyncDisposable {
  readonly server: GitServer;
  readonly config: RunnerConfig;
  readonly workspaces: Workspaces;
  readonly workspace: RepositoryWorkspace;
  readonly sandbox: SandboxDriver;
  /** Runs a shell script in the view and returns what it printed. */
  run(view: View, script: string, readable?: readonly string[]): Promise<string>;
}

/** A runner's configuration in a folder of the test. */
export function runnerConfig(folder: string, server: Pick<GitServer, "login" | "token">): RunnerConfig {
  return {
    id: "test-runner",
    slots: 2,
    labels: [],
    sandbox: "bubblewrap",
    allowUnsandboxed: false,
    egress: [],
    tools: [],
    folder,
    forge: { login: server.login, token: server.token, email: "steward@example.test" },
    endpoints: {},
    limits: {
      memoryBytes: LIMITS.memoryBytes,
      processes: LIMITS.processes,
      cpus: LIMITS.cpus,
      outputBytes: LIMITS.outputBytes,
      diskBytes: 64 * MEBIBYTE,
    },
  };
}

/** The driver that runners use by default. */
export function createTestSandbox(): Promise<SandboxDriver> {
  return createBubblewrapSandbox(
    { tools: [] },
    { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: "/nonexistent" },
  );
}

/** Opens a bench whose server holds these files on `main`; commands run by the default driver or another one. */
export async function openWorkspaceBench(files: Files, createSandbox = createTestSandbox): Promise<WorkspaceBench> {
  const server = await startGitServer(files);
  const folder = await mkdtemp(join(tmpdir(), "steward-runner-"));
  const config = runnerConfig(folder, server);
  const workspaces = await openWorkspaces(config);
  const workspace = await workspaces.open(REPOSITORY, server.cloneUrl);
  const sandbox = await createSandbox();
  return {
    ...{ server, config, workspaces, workspace, sandbox },
    async run(view, script, readable = []) {
      let output = "";
      await sandbox.run({
        ...{ view, env: {}, readable, writable: [], limits: LIMITS },
        argv: ["sh", "-c", script],
        signal: new AbortController().signal,
        onOutput: (chunk) => (output += chunk.toString()),
      });
      return output;
    },
    async [Symbol.asyncDispose]() {
      await workspaces.close();
      await rm(folder, { recursive: true, force: true });
      await server[Symbol.asyncDispose]();
    },
  };
}
