/** The processes that one `steward up` has started. */
import { readdirSync, readFileSync } from "node:fs";

/** Nothing of a process that has ended meanwhile. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

/** The process of a part, whose data are in `folder`. */
export function pidOfPart(folder: string, part: "serve" | "runner"): number {
  const isPart = (pid: string) => readIfThere(`/proc/${pid}/cmdline`).includes(`main.ts\0${part}`);
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && isPart(name));
  const [pid, ...others] = pids.filter((name) => readIfThere(`/proc/${name}/environ`).includes(folder));
  if (pid === undefined || others.length > 0) throw new Error(`there is no ${part}, or more than one`);
  return Number(pid);
}

/** The environment of a part, as the machine's owner may read it. */
export function environmentOfPart(folder: string, part: "serve" | "runner"): string {
  return readFileSync(`/proc/${pidOfPart(folder, part)}/environ`, "latin1");
}
