/** Looks at the argument lists of all processes while something runs, as anybody on the machine can. */
import { readdirSync, readFileSync } from "node:fs";

/** A process that lives shorter than this may be missed. */
const LOOK_MS = 20;

/** A look that goes on until it is ended. */
export interface ArgumentsWatch extends Disposable {
  /** Every argument list that was seen, arguments separated by spaces, each once. */
  seen(): readonly string[];
}

/** Starts looking. */
export function watchArguments(): ArgumentsWatch {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) seen.add(argumentsOf(pid));
  };
  const looking = setInterval(look, LOOK_MS);
  return { seen: () => [...seen], [Symbol.dispose]: () => clearInterval(looking) };
}

/** Nothing for a process that has ended meanwhile. */
function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
