/** The driver for Linux hosts without a container engine: namespaces by bubblewrap, limits by control groups, never as root. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { FatalError, RetryableError } from "../src/domain/errors.ts";
import {
  bubblewrapArguments,
  ETC_FILES,
  type SandboxSurroundings,
  type SystemFolder,
  unexposed,
  WORK_FOLDER,
} from "./bubblewrap-arguments.ts";
import { type Group, type GroupHierarchy, openGroupHierarchy } from "./cgroup-limits.ts";
import { FORWARDER_FILE } from "./forwarder.ts";
import type { RunnerConfig } from "./runner-config.ts";
import type { SandboxCommand, SandboxDriver, SandboxResult } from "./sandbox.ts";
import { NEVER_STARTED, sandboxResult } from "./sandbox-end.ts";
import { probeSandbox } from "./sandbox-probe.ts";
import { seccompFilter } from "./seccomp-filter.ts";
import { watch } from "./terminate.ts";
import { describeToolchains, findToolchains, type ToolchainSearch } from "./toolchains.ts";
import { OUTER_ENVIRONMENT, trampoline } from "./trampoline.ts";

const OLDEST_VERSION = { major: 0, minor: 8 };
const VERSION_TIMEOUT_MS = 3_000;

/** The end of what bubblewrap says when it cannot start; it names one cause in one line. */
const COMPLAINT_BYTES = 500;

/** How long the namespace's first process may take to vanish once its sandbox is over. */
const VANISH_DEADLINE_MS = 10_000;

const ARGUMENTS_DESCRIPTOR = 3;
const STATUS_DESCRIPTOR = 4;
const FIRST_DATA_DESCRIPTOR = 5;

/** Without a control group only the number of processes can be limited. Inside: the host's user may have many of its own. */
function fallbackLimits(group: Group | undefined, { processes }: SandboxCommand["limits"]): readonly string[] {
  return group ? [] : ["prlimit", `--nproc=${processes}`, "--"];
}

/** The command starts through a shell inside too, so that a missing program is exit code 127 and not a broken sandbox. */
const INNER_SHELL = ["/bin/sh", "-c", 'exec "$@"', "sh"];

interface Machinery {
  readonly surroundings: SandboxSurroundings;
  readonly groups: GroupHierarchy | undefined;
  readonly filter: Buffer | undefined;
  readonly isRoot: boolean;
}

/** What bubblewrap has told about itself: where its first process is, and how the command ended if it ever began. */
interface Status {
  readonly firstPid: number | undefined;
  readonly exitCode: number | undefined;
}

function statusFrom(text: string): Status {
  const field = (name: string) => {
    const found = new RegExp(`"${name}":\\s*(\\d+)`).exec(text)?.[1];
    return found === undefined ? undefined : Number(found);
  };
  return { firstPid: field("child-pid"), exitCode: field("exit-code") };
}

function systemFolders(): readonly SystemFolder[] {
  return ["/bin", "/sbin", "/lib", "/lib32", "/lib64"].flatMap((path): SystemFolder[] => {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found) return [];
    return found.isSymbolicLink() ? [["--symlink", readlinkSync(path), path]] : [["--ro-bind", path, path]];
  });
}

function privilegeDrop({ isRoot }: Machinery, { owner }: SandboxCommand["view"]): readonly string[] {
  if (!isRoot) return [];
  const ids = ["--reuid", String(owner.uid), "--regid", String(owner.gid)];
  return ["setpriv", ...ids, "--clear-groups", "--no-new-privs", "--"];
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

function send(stream: Readable | Writable | null | undefined, data: Buffer | string): void {
  if (!stream || !("end" in stream)) return;
  stream.on("error", () => stream.destroy());
  stream.end(data);
}

function collect(stream: Readable | Writable | null | undefined): () => string {
  const chunks: Buffer[] = [];
  stream?.on("error", () => stream.destroy());
  stream?.on("data", (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}

/** Files of the sandbox's own and its filter travel by pipes: nothing is left on disk, and each spawn has its own offsets. */
function dataFor({ filter }: Machinery): readonly (readonly [path: string, data: Buffer | string])[] {
  return [...Object.entries(ETC_FILES), ...(filter ? [["seccomp", filter] as const] : [])];
}

function start(command: SandboxCommand, machinery: Machinery, group: Group | undefined): ChildProcess {
  const data = dataFor(machinery);
  const descriptors = new Map(data.map(([path], index) => [path, FIRST_DATA_DESCRIPTOR + index]));
  const seccomp = descriptors.get("seccomp");
  descriptors.delete("seccomp");
  const options = bubblewrapArguments(command, machinery.surroundings, {
    status: STATUS_DESCRIPTOR,
    seccomp,
    files: descriptors,
  });
  const inner = [...fallbackLimits(group, command.limits), ...INNER_SHELL, ...command.argv];
  const bubblewrap = ["bwrap", "--args", String(ARGUMENTS_DESCRIPTOR), "--", ...inner];
  const argv = [...command.view.enter, ...privilegeDrop(machinery, command.view), ...bubblewrap];
  const child = spawn("/bin/sh", [...trampoline(argv, group)], {
    cwd: "/",
    env: OUTER_ENVIRONMENT,
    stdio: [
      command.stdin === undefined ? "ignore" : "pipe",
      "pipe",
      "ignore",
      "pipe",
      "pipe",
      ...data.map(() => "pipe" as const),
    ],
  });
  send(child.stdio[ARGUMENTS_DESCRIPTOR], options.map((option) => `${option}\0`).join(""));
  for (const [index, [, content]] of data.entries()) send(child.stdio[FIRST_DATA_DESCRIPTOR + index], content);
  return child;
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

async function runInBubblewrap(command: SandboxCommand, machinery: Machinery): Promise<SandboxResult> {
  refuseUnsafe(command, machinery);
  if (command.signal.aborted) return NEVER_STARTED;
  const group = machinery.groups?.create(command.limits);
  let ranOutOfMemory = false;
  let complaint = "";
  const onOutput = (chunk: Buffer) => {
    complaint = (complaint + chunk.toString("utf8", 0, COMPLAINT_BYTES)).slice(-COMPLAINT_BYTES);
    command.onOutput(chunk);
  };
  const child = start(command, machinery, group);
  const readStatus = collect(child.stdio[STATUS_DESCRIPTOR]);
  const cleanUp = async () => {
    ranOutOfMemory = group?.ranOutOfMemory() ?? false;
    await (group ? group.remove() : vanished(statusFrom(readStatus()).firstPid));
  };
  const ending = await watch({ child, command: { ...command, onOutput }, kill: () => child.kill("SIGKILL"), cleanUp });
  const result = sandboxResult(ending, { ranOutOfMemory, exitCode: statusFrom(readStatus()).exitCode });
  if (result) return result;
  throw new RetryableError(
    "SANDBOX_UNAVAILABLE",
    `bubblewrap could not start: ${complaint.trim()}. Run \`steward doctor\``,
  );
}

async function askVersion(): Promise<string> {
  const asked = await promisify(execFile)("bwrap", ["--version"], { timeout: VERSION_TIMEOUT_MS }).catch((cause) => {
    throw new FatalError("SANDBOX_UNAVAILABLE", "bubblewrap is not installed: install the package `bubblewrap`", {
      cause,
    });
  });
  const version = asked.stdout.trim().replace(/^bubblewrap /, "");
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major === OLDEST_VERSION.major && minor < OLDEST_VERSION.minor;
  if (isOld) {
    throw new FatalError("SANDBOX_UNAVAILABLE", `bubblewrap ${version} is too old: install 0.8 or newer`);
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
  const machinery: Machinery = {
    surroundings: { systemFolders: systemFolders(), toolchains },
    groups: openGroups(),
    filter: seccompFilter(process.arch),
    isRoot: process.getuid?.() === 0,
  };
  const driver: SandboxDriver = {
    name: "bubblewrap",
    isolates: true,
    workFolder: () => WORK_FOLDER,
    exposes: [...toolchains.roots, FORWARDER_FILE],
    toolchain: `bubblewrap ${version}, ${await describeToolchains(toolchains.path)}`,
    probe: (view) => probeSandbox(driver, view, machinery.groups?.name),
    run: (command) => runInBubblewrap(command, machinery),
  };
  return driver;
}
