/** The driver for Linux hosts without a container engine: namespaces by bubblewrap, limits by control groups, never as root. */
import { execFile } from "node:child_process";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { FatalError, RetryableError, UserError } from "../../src/domain/errors.ts";
import type { RunnerConfig } from "../runner-config.ts";
import { ETC_FILES, type SystemFolder, unexposed, WORK_FOLDER } from "./bubblewrap-arguments.ts";
import { type BubblewrapSetting, startBubblewrap } from "./bubblewrap-process.ts";
import { FORWARDER_FILE } from "./forwarder.ts";
import { type GroupHierarchy, openGroupHierarchy } from "./group-hierarchy.ts";
import { holdFile } from "./held-files.ts";
import { createOutputPipes, type OutputPipes } from "./output-pipes.ts";
import type { SandboxCommand, SandboxDriver, SandboxResult } from "./sandbox.ts";
import { NEVER_STARTED, orUnavailable, sandboxResult } from "./sandbox-end.ts";
import { probeSandbox } from "./sandbox-probe.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import { watch } from "./terminate.ts";
import { describeToolchains, findToolchains, type ToolchainSearch } from "./toolchains.ts";

const OLDEST_VERSION = { major: 0, minor: 8 };
const VERSION_TIMEOUT_MS = 3_000;

/** The end of what bubblewrap says when it cannot start; it names one cause in one line. */
const COMPLAINT_BYTES = 500;

/** How long the namespace's first process may take to vanish once its sandbox is over. */
const VANISH_DEADLINE_MS = 10_000;

interface Machinery extends BubblewrapSetting {
  /** True: a view must have another owner. */
  readonly isRoot: boolean;
  readonly groups: GroupHierarchy | undefined;
  readonly pipes: OutputPipes;
}

function systemFolders(): readonly SystemFolder[] {
  return ["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap((path): SystemFolder[] => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return [];
    return found.isSymbolicLink() ? [["--symlink", readlinkSync(path), path]] : [["--ro-bind", path, path]];
  });
}

function refuseUnsafe(command: SandboxCommand, machinery: Machinery): void {
  if (machinery.isRoot && command.view.owner.uid === 0) {
    throw new FatalError("SANDBOX_UNAVAILABLE", "a sandbox is never started as root: give the view another owner");
  }
  if ([...command.argv, ...Object.entries(command.env).flat()].some((text) => text.includes("\0"))) {
    throw new FatalError("SANDBOX_UNAVAILABLE", "a command or variable contains a NUL character: remove it");
  }
  const missing = unexposed(command, machinery.surroundings);
  if (missing.length > 0) {
    throw new FatalError(
      "SANDBOX_UNAVAILABLE",
      `the view does not expose ${missing.join(", ")}: open it with these paths`,
    );
  }
}

/** A process that only waits to be reaped is gone as well: where nothing reaps orphans it stays listed for long. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

/** The first process of a pid namespace ends only after all others in it. */
async function vanished(pid: number | undefined): Promise<void> {
  const deadline = Date.now() + VANISH_DEADLINE_MS;
  while (pid !== undefined && isAlive(pid) && Date.now() < deadline) await delay(1);
}

/** Keeps the last words of the output in mind: where the command never began they are bubblewrap's own. */
function listening(command: SandboxCommand): { readonly command: SandboxCommand; readonly complaint: () => string } {
  let last = "";
  const onOutput = (chunk: Buffer) => {
    last = (last + chunk.toString("utf8", 0, COMPLAINT_BYTES)).slice(-COMPLAINT_BYTES);
    command.onOutput(chunk);
  };
  return { command: { ...command, onOutput }, complaint: () => last.trim() };
}

async function runInBubblewrap(given: SandboxCommand, machinery: Machinery): Promise<SandboxResult> {
  refuseUnsafe(given, machinery);
  if (given.signal.aborted) return NEVER_STARTED;
  const { command, complaint } = listening(given);
  await using held = new AsyncDisposableStack();
  const group = await machinery.groups?.take(command.limits);
  held.defer(() => group?.remove());
  const pipe = await machinery.pipes.open();
  held.defer(() => pipe.close());
  const status = await machinery.pipes.open("read-write");
  held.defer(() => status.close());
  const { child, firstPid, exitCode } = startBubblewrap(command, machinery, { group, output: pipe.descriptor, status });
  pipe.handOver();
  let ranOutOfMemory = false;
  const cleanUp = async () => {
    ranOutOfMemory = group?.ranOutOfMemory() ?? false;
    await (group ? group.remove() : vanished(firstPid()));
  };
  const { output } = pipe;
  const ending = await watch({ child, output, command, kill: () => child.kill("SIGKILL"), cleanUp });
  const result = sandboxResult(ending, { ranOutOfMemory, exitCode: await exitCode() });
  if (result) return result;
  throw new RetryableError("SANDBOX_UNAVAILABLE", `bubblewrap could not start: ${complaint()}. Run \`steward doctor\``);
}

async function askVersion(): Promise<string> {
  const asked = await promisify(execFile)("bwrap", ["--version"], { timeout: VERSION_TIMEOUT_MS }).catch((cause) => {
    throw new UserError("SANDBOX_UNAVAILABLE", "bubblewrap is not installed: install the package `bubblewrap`", {
      cause,
    });
  });
  const version = asked.stdout.trim().replace(/^bubblewrap /, "");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major === OLDEST_VERSION.major && minor < OLDEST_VERSION.minor;
  if (isOld) {
    throw new UserError("SANDBOX_UNAVAILABLE", `bubblewrap ${version} is too old: install 0.8 or newer`);
  }
  return version;
}

/** Makes the driver; throws SANDBOX_UNAVAILABLE where bubblewrap is missing or too old. Whether it works is for `probe` to say. */
export async function createBubblewrapSandbox(
  config: Pick<RunnerConfig, "tools">,
  search: Omit<ToolchainSearch, "tools">,
  openGroups: () => GroupHierarchy | undefined = openGroupHierarchy,
): Promise<SandboxDriver> {
  const version = await askVersion();
  const toolchains = findToolchains({ ...search, tools: config.tools });
  const filter = seccompFilter(process.arch);
  const machinery: Machinery = {
    surroundings: { systemFolders: systemFolders(), toolchains },
    groups: openGroups(),
    files: new Map(Object.entries(ETC_FILES).map(([path, content]) => [path, holdFile(content)])),
    filter: filter && holdFile(filter),
    isRoot: process.getuid?.() === 0,
    pipes: createOutputPipes(),
  };
  const driver: SandboxDriver = {
    name: "bubblewrap",
    isolates: true,
    workFolder: () => WORK_FOLDER,
    exposes: [...toolchains.roots, FORWARDER_FILE],
    toolchain: `bubblewrap ${version}, ${await describeToolchains(toolchains.path)}`,
    probe: (view) => probeSandbox(driver, view, machinery.groups?.name),
    run: (command) => orUnavailable(() => runInBubblewrap(command, machinery)),
  };
  return driver;
}
