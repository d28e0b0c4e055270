/** Limits on memory, processes and cpu by control groups, version 1 or 2, whichever this process may write to. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** Control group files are not on a disk: reading and writing them here is quicker than a round through the thread pool. */

/** Processes of several pid namespaces may share a hierarchy: each knows only its own as dead or alive. */
function groupPrefix(): string {
  return `steward-${readlinkSync("/proc/self/ns/pid").replace(/\D/g, "")}-`;
}

const CPU_PERIOD_US = 100_000;

/** A group whose last process just died is busy for some milliseconds. */
const REMOVE_RETRY_MS = 1;
/** Taking down a fork bomb at its limit can take more than a second. */
const REMOVE_DEADLINE_MS = 10_000;

/** What a group enforces. */
export interface GroupLimits {
  readonly memoryBytes: number;
  readonly processes: number;
  readonly cpus: number;
}

/** One sandbox's control group. */
export interface Group {
  /** A process joins by writing its pid into each. */
  readonly joinFiles: readonly string[];
  /** True when the kernel killed something in it for want of memory. */
  ranOutOfMemory(): boolean;
  /** Kills all that is left in it, waits until it is gone, and removes it. */
  remove(): Promise<void>;
}

/** The place in the hierarchy below which groups are made. */
export interface GroupMaker {
  /** For people: `cgroup v1`, `cgroup v2`. */
  readonly name: string;
  create(limits: GroupLimits): Group;
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

function pidsIn(folder: string): readonly number[] {
  const text = attempt(() => readFileSync(join(folder, "cgroup.procs"), "utf8")) ?? "";
  return text.split("\n").filter(Boolean).map(Number);
}

function killAll(folder: string): void {
  if (existsSync(join(folder, "cgroup.kill"))) attempt(() => writeFileSync(join(folder, "cgroup.kill"), "1"));
  else for (const pid of pidsIn(folder)) attempt(() => process.kill(pid, "SIGKILL"));
}

async function removeFolder(folder: string): Promise<void> {
  const deadline = Date.now() + REMOVE_DEADLINE_MS;
  while (existsSync(folder) && Date.now() < deadline) {
    killAll(folder);
    if (attempt(() => rmdirSync(folder) ?? true)) return;
    await delay(REMOVE_RETRY_MS);
  }
}

function counter(file: string, name: string): number {
  const text = attempt(() => readFileSync(file, "utf8")) ?? "";
  const line = text.split("\n").find((entry) => entry.startsWith(`${name} `));
  return Number(line?.slice(name.length + 1) ?? 0);
}

function groupOf(folders: readonly string[], oomFile: string): Group {
  return {
    joinFiles: folders.map((folder) => join(folder, "cgroup.procs")),
    ranOutOfMemory: () => counter(oomFile, "oom_kill") > 0,
    remove: async () => {
      for (const folder of folders) await removeFolder(folder);
    },
  };
}

function removeDead(folder: string): void {
  const groups = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of groups) {
    killAll(join(folder, name));
    attempt(() => rmdirSync(join(folder, name)));
  }
  rmdirSync(folder);
}

/** Removes the groups of runners that are no more, with whatever is left in them; another runner may be doing the same. */
function sweep(base: string): void {
  const prefix = groupPrefix();
  const dead = readdirSync(base).filter((name) => {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    return Number.isInteger(pid) && !existsSync(`/proc/${pid}`);
  });
  for (const name of dead) attempt(() => removeDead(join(base, name)));
}

/** This process's own folder below `base`. */
function ownFolder(base: string): string {
  sweep(base);
  const folder = join(base, `${groupPrefix()}${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function newFolder(parent: string, name: string, settings: Readonly<Record<string, string | number>>): string {
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const [file, value] of Object.entries(settings)) {
    if (existsSync(join(folder, file))) writeFileSync(join(folder, file), String(value));
  }
  return folder;
}

function versionOne(bases: { readonly memory: string; readonly pids: string; readonly cpu: string }): GroupMaker {
  const parents = { memory: ownFolder(bases.memory), pids: ownFolder(bases.pids), cpu: ownFolder(bases.cpu) };
  return {
    name: "cgroup v1",
    create: ({ memoryBytes, processes, cpus }) => {
      const name = randomBytes(8).toString("hex");
      const memory = newFolder(parents.memory, name, {
        "memory.limit_in_bytes": memoryBytes,
        "memory.memsw.limit_in_bytes": memoryBytes,
      });
      const pids = newFolder(parents.pids, name, { "pids.max": processes });
      const cpu = newFolder(parents.cpu, name, {
        "cpu.cfs_period_us": CPU_PERIOD_US,
        "cpu.cfs_quota_us": Math.round(cpus * CPU_PERIOD_US),
      });
      return groupOf([memory, pids, cpu], join(memory, "memory.oom_control"));
    },
  };
}

function versionTwo(base: string): GroupMaker {
  const parent = ownFolder(base);
  handDown(parent);
  return {
    name: "cgroup v2",
    create: ({ memoryBytes, processes, cpus }) => {
      const folder = newFolder(parent, randomBytes(8).toString("hex"), {
        "memory.max": memoryBytes,
        "memory.swap.max": 0,
        "memory.oom.group": 1,
        "pids.max": processes,
        "cpu.max": `${Math.round(cpus * CPU_PERIOD_US)} ${CPU_PERIOD_US}`,
      });
      return groupOf([folder], join(folder, "memory.events"));
    },
  };
}

function controllersOf(base: string): string {
  const offered = readFileSync(join(base, "cgroup.controllers"), "utf8").trim().split(" ");
  if (!offered.includes("memory") || !offered.includes("pids")) throw new Error("controllers are missing");
  const wanted = ["memory", "pids", "cpu"].filter((controller) => offered.includes(controller));
  return wanted.map((controller) => `+${controller}`).join(" ");
}

function handDown(base: string): void {
  writeFileSync(join(base, "cgroup.subtree_control"), controllersOf(base));
}

/** A group that has processes itself cannot hand controllers down, so those of a delegated one move one level below. */
function moveProcessesBelow(base: string): void {
  const leaf = join(base, "steward-main");
  mkdirSync(leaf, { recursive: true });
  for (const pid of pidsIn(base)) writeFileSync(join(leaf, "cgroup.procs"), String(pid));
}

interface Mount {
  readonly folder: string;
  readonly type: string;
  readonly options: readonly string[];
}

function cgroupMounts(mountInfo: string): readonly Mount[] {
  return mountInfo.split("\n").flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [type = "", , options = ""] = after.split(" ");
    const folder = before.split(" ")[4] ?? "";
    return type === "cgroup" || type === "cgroup2" ? [{ folder, type, options: options.split(",") }] : [];
  });
}

function ownPathV2(): string {
  const line = readFileSync("/proc/self/cgroup", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith("0::"));
  return line?.slice("0::".length) ?? "/";
}

/** Moving processes comes last: the group may be a login session's, with programs in it that are not ours. */
function openVersionTwo(mount: Mount | undefined): GroupMaker | undefined {
  if (!mount) return undefined;
  const own = join(mount.folder, ownPathV2());
  const open = (base: string, prepare?: (base: string) => void) =>
    attempt(() => {
      prepare?.(base);
      handDown(base);
      return versionTwo(base);
    });
  return open(own) ?? open(mount.folder) ?? open(own, moveProcessesBelow);
}

function openVersionOne(mounts: readonly Mount[]): GroupMaker | undefined {
  const folderOf = (controller: string) => mounts.find(({ options }) => options.includes(controller))?.folder;
  const [memory, pids, cpu] = [folderOf("memory"), folderOf("pids"), folderOf("cpu")];
  return memory && pids && cpu ? attempt(() => versionOne({ memory, pids, cpu })) : undefined;
}

/** Finds a hierarchy to make groups in; absent where this process may not. */
export function openGroupMaker(): GroupMaker | undefined {
  const mounts = cgroupMounts(attempt(() => readFileSync("/proc/self/mountinfo", "utf8")) ?? "");
  return (
    openVersionTwo(mounts.find(({ type }) => type === "cgroup2")) ??
    openVersionOne(mounts.filter(({ type }) => type === "cgroup"))
  );
}
