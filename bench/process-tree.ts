/** What runs on this machine, inside sandboxes too. */
import { readdirSync, readFileSync } from "node:fs";

/** How many processes have this word on their command line. */
export function processesWith(word: string): number {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name) && wordsOf(name).includes(word)).length;
}

/** A process that has ended meanwhile has no words. */
function wordsOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}

/** Resident memory of a process in bytes; with `peak` the most it ever had. */
export function residentBytes(pid: number, peak = false): number {
  const name = peak ? "VmHWM" : "VmRSS";
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1024;
}
