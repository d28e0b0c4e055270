/** What is left of a world after everything was asked to end: processes, mounts, locks, folders. */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Whatever should not be there any more, each as a sentence; the parts that `live` may still have their processes. */
export function leftovers(folder: string, live: readonly (number | undefined)[] = []): readonly string[] {
  return [...processes(folder, live), ...mounts(folder), ...locks(folder), ...folders(folder)];
}

/** Processes that were started for this world: its folder is in their arguments, their environment, or what they have mounted. */
function processes(folder: string, live: readonly (number | undefined)[]): readonly string[] {
  const name = basename(folder);
  const pids = readdirSync("/proc").filter((entry) => /^\d+$/.test(entry) && entry !== `${process.pid}`);
  return pids
    .filter((pid) => ["cmdline", "environ", "mountinfo"].some((file) => textOf(`/proc/${pid}/${file}`).includes(name)))
    .filter((pid) => !isBelow(Number(pid), live))
    .map((pid) => `process ${pid}: ${textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`)
    .filter((words) => !words.includes("agent/records"));
}

/** Whether it is one of these processes, or a child of a child of one. */
function isBelow(pid: number, live: readonly (number | undefined)[]): boolean {
  if (pid <= 1) return false;
  const parent = /^PPid:\s*(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1];
  return live.includes(pid) || (parent !== undefined && isBelow(Number(parent), live));
}

function mounts(folder: string): readonly string[] {
  const lines = readFileSync("/proc/self/mounts", "utf8").split("\n");
  return lines.filter((line) => line.includes(folder) || line.startsWith("steward ")).map((line) => `mount ${line}`);
}

function locks(folder: string): readonly string[] {
  const runner = join(folder, "data", "runner");
  const held = existsSync(join(runner, "lock")) && !canLock(join(runner, "lock"));
  const git = existsSync(join(runner, "mirrors")) ? readdirSync(join(runner, "mirrors"), { recursive: true }) : [];
  return [
    ...(held ? ["the runner's folder is locked"] : []),
    ...git.filter((name) => `${name}`.endsWith(".lock")).map((name) => `git's lock ${name}`),
  ];
}

function canLock(file: string): boolean {
  try {
    execFileSync("flock", ["--nonblock", file, "true"]);
    return true;
  } catch {
    return false;
  }
}

function folders(folder: string): readonly string[] {
  const runner = join(folder, "data", "runner");
  const places = ["views", "jobs", "staging", "trash"].map((place) => join(runner, place)).filter(existsSync);
  return places.flatMap((place) => readdirSync(place).map((name) => `folder ${join(place, name)}`));
}

/** A process that has ended meanwhile has nothing to say. */
function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
