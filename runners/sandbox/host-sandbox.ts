/** The driver without isolation: the command runs with the rights of the runner's user. For machines that hold nothing else. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { RetryableError } from "../../src/domain/errors.ts";
import { errorCode } from "../../src/lib/error-code.ts";
import { NOT_HANDED_ON } from "../outer-environment.ts";
import type { RunnerConfig } from "../runner-config.ts";
import type { Group } from "./cgroup-limits.ts";
import { type GroupHierarchy, openGroupHierarchy } from "./group-hierarchy.ts";
import { createOutputPipes, type OutputPipe, type OutputPipes } from "./output-pipes.ts";
import type { SandboxCheck, SandboxCommand, SandboxDriver, SandboxResult } from "./sandbox.ts";
import { NEVER_STARTED, orUnavailable, sandboxResult } from "./sandbox-end.ts";
import { type Ending, watch } from "./terminate.ts";
import { describeToolchains, findToolchains, type ToolchainSearch } from "./toolchains.ts";
import { trampoline } from "./trampoline.ts";

/** Marks every process of a command in its environment; one that clears its environment is found by its session only. */
const MARKER = "STEWARD_SANDBOX";

/** How long processes may take to vanish after they were killed. */
const VANISH_DEADLINE_MS = 5_000;

/** The view may be mounted in a namespace of its own, so its folder can be entered only from inside. */
const INNER_SHELL = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh"];

interface Machinery {
  readonly path: string;
  readonly groups: GroupHierarchy | undefined;
  readonly pipes: OutputPipes;
}

function hasMarker(pid: string, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0").includes(marker);
  } catch {
    return false;
  }
}

function processesMarked(marker: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => hasMarker(pid, marker)).map(Number);
}

/** Killing what is gone already is what was wanted. */
function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if (errorCode(error) !== "ESRCH") throw error;
  }
}

async function killMarked(marker: string): Promise<void> {
  const deadline = Date.now() + VANISH_DEADLINE_MS;
  for (let left = processesMarked(marker); left.length > 0 && Date.now() < deadline; left = processesMarked(marker)) {
    for (const pid of left) kill(pid);
    await delay(1);
  }
}

interface Ties {
  readonly group: Group | undefined;
  readonly pipe: OutputPipe;
  readonly home: string;
}

async function watchOnHost(command: SandboxCommand, { path }: Machinery, { group, pipe, home }: Ties) {
  const marker = randomBytes(8).toString("hex");
  const own = { ...NOT_HANDED_ON, PATH: path, HOME: home, TMPDIR: home, LANG: "C.UTF-8", [MARKER]: marker };
  const argv = [...command.view.enter, ...INNER_SHELL, command.view.path, ...command.argv];
  const child = spawn("/bin/sh", [...trampoline(argv, group)], {
    cwd: "/",
    env: { ...own, ...command.env },
    stdio: [command.stdin === undefined ? "ignore" : "pipe", pipe.descriptor, "ignore"],
    detached: true,
  });
  pipe.handOver();
  const killSession = () => {
    if (child.pid !== undefined) kill(-child.pid);
  };
  let ranOutOfMemory = false;
  const cleanUp = async () => {
    ranOutOfMemory = group?.ranOutOfMemory() ?? false;
    killSession();
    await (group?.remove() ?? killMarked(`${MARKER}=${marker}`));
  };
  const ending = await watch({ child, output: pipe.output, command, kill: killSession, cleanUp });
  return { ending, ranOutOfMemory };
}

function resultOf({ ending, ranOutOfMemory }: { ending: Ending; ranOutOfMemory: boolean }): SandboxResult {
  const result = sandboxResult(ending, { ranOutOfMemory, exitCode: ending.code ?? undefined });
  if (result) return result;
  throw new RetryableError("SANDBOX_UNAVAILABLE", "a command ended without a trace: look at the runner's log");
}

async function runOnHost(command: SandboxCommand, machinery: Machinery): Promise<SandboxResult> {
  if (command.signal.aborted) return NEVER_STARTED;
  await using held = new AsyncDisposableStack();
  const group = await machinery.groups?.take(command.limits);
  held.defer(() => group?.remove());
  const home = await mkdtemp(join(tmpdir(), "steward-home-"));
  held.defer(() => rm(home, { recursive: true, force: true }));
  const pipe = await machinery.pipes.open();
  held.defer(() => pipe.close());
  return resultOf(await watchOnHost(command, machinery, { group, pipe, home }));
}

function checks({ groups }: Machinery): readonly SandboxCheck[] {
  return [
    { name: "isolation", ok: false, detail: "none: commands have the rights of the runner's user" },
    {
      name: "limits",
      ok: groups !== undefined,
      detail: `limits: ${groups?.name ?? "none, no writable control group"}`,
    },
  ];
}

/** Makes the driver. Only `selectSandbox` knows whether the operator insists on it. */
export async function createHostSandbox(
  config: Pick<RunnerConfig, "tools">,
  search: Omit<ToolchainSearch, "tools">,
  openGroups: () => GroupHierarchy | undefined = openGroupHierarchy,
): Promise<SandboxDriver> {
  const { path } = findToolchains({ ...search, tools: config.tools });
  const machinery: Machinery = { path, groups: openGroups(), pipes: createOutputPipes() };
  return {
    name: "host",
    isolates: false,
    workFolder: (view) => view.path,
    exposes: [],
    toolchain: `host, ${await describeToolchains(path)}`,
    probe: async () => checks(machinery),
    run: (command) => orUnavailable(() => runOnHost(command, machinery)),
  };
}
