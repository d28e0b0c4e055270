/** What agents recorded of themselves, through a pipe that is mounted into their sandboxes. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { createInterface } from "node:readline";

/** The time in which one agent was seen alive. */
export interface AgentInterval {
  readonly task: string;
  readonly session: string;
  readonly from: number;
  readonly to: number;
  readonly ended: boolean;
}

export interface AgentRecords {
  intervals(): readonly AgentInterval[];
  close(): void;
}

/** Makes the pipe and reads it until `close`. Everybody may write into it, and it never ends while this reads. */
export function readAgentRecords(pipe: string): AgentRecords {
  execFileSync("mkfifo", [pipe]);
  chmodSync(pipe, 0o666);
  const intervals = new Map<string, AgentInterval>();
  // Opened for both ways, it waits for nobody and does not end with the last writer.
  const reader = spawn("sh", ["-c", 'exec cat <>"$1"', "sh", pipe], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: reader.stdout }).on("line", take);

  function take(line: string): void {
    const [task = "", session = "", time = "", what = ""] = line.split(" ");
    const at = Number(time);
    const known = intervals.get(session) ?? { task, session, from: at, to: at, ended: false };
    intervals.set(session, { ...known, to: Math.max(known.to, at), ended: known.ended || what === "end" });
  }

  return { intervals: () => [...intervals.values()], close: () => void reader.kill() };
}

/** Pairs of agents that were alive at the same time for the same task. */
export function overlaps(intervals: readonly AgentInterval[]): readonly string[] {
  const sorted = intervals.toSorted((a, b) => a.from - b.from);
  return sorted.flatMap((first, index) =>
    sorted
      .slice(index + 1)
      .filter((second) => second.task === first.task && second.from < first.to)
      .map((second) => `${first.task}: ${first.session} until ${first.to}, ${second.session} from ${second.from}`),
  );
}
