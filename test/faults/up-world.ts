/** `steward up` as a process that can be killed, and the processes below it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Program } from "../support/program.ts";
import { SLOW_ISSUE } from "./cast.ts";
import { openStage, type Stage, script } from "./fault-world.ts";

/** What `up` starts, by a word of its arguments. */
const PARTS = { bot: "main.ts\0serve\0", runner: "main.ts\0runner\0", redis: "redis-server" } as const;
export type Part = keyof typeof PARTS;

export interface UpWorld extends Stage, AsyncDisposable {
  readonly up: Program;
  readonly redisUrl: string;
  /** The process of a part that lives, whoever is its parent. */
  pidOf(part: Part): number | undefined;
}

/** Starts it, with one issue whose agent works for some seconds. */
export async function openUpWorld(): Promise<UpWorld> {
  const stage = await openStage({ seed: 1, cast: [SLOW_ISSUE] });
  const up = stage.program("up", [...script("../../src/main.ts"), "up"], stage.environment);
  up.start();
  const pidOf = (part: Part) => processesOf(stage.folder, PARTS[part])[0];
  return {
    ...stage,
    up,
    redisUrl: join(stage.folder, "data", "redis", "redis.sock"),
    pidOf,
    async [Symbol.asyncDispose]() {
      await up.kill();
      for (const part of ["bot", "runner", "redis"] as const) {
        const pid = pidOf(part);
        if (pid !== undefined) process.kill(pid, "SIGKILL");
      }
      await stage.gitea.kill();
      await stage.clear();
    },
  };
}

function processesOf(folder: string, word: string): readonly number[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => isOf(pid, folder, word)).map(Number);
}

/** A process that has ended meanwhile is nobody's. */
function isOf(pid: string, folder: string, word: string): boolean {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return words.includes(word) && `${words}${readFileSync(`/proc/${pid}/environ`, "utf8")}`.includes(folder);
  } catch {
    return false;
  }
}
