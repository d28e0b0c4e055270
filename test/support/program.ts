/** A program that a test starts, kills, and starts again as the same thing; its words go to one file. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fstatSync, openSync, readFileSync } from "node:fs";

/** What Steward promises of each of its parts. */
const LONGEST_END_MS = 10_000;

/** How a program is started, each time. */
export interface ProgramStart {
  readonly name: string;
  readonly argv: readonly [string, ...string[]];
  readonly env?: NodeJS.ProcessEnv;
  /** Where its words go. */
  readonly logFile: string;
}

export interface Program {
  readonly name: string;
  readonly logFile: string;
  readonly pid: number | undefined;
  readonly isRunning: boolean;
  start(): void;
  /** kill -9, of this one process only. */
  kill(): Promise<void>;
  /** SIGTERM, and kill -9 when that did not end it in time; resolves with its exit code, or the signal that ended it. */
  stop(): Promise<End>;
  /** Any other signal; it goes on. */
  signal(name: NodeJS.Signals): void;
  words(): string;
  /** What it said since its last start. */
  newWords(): string;
}

/** An exit code, or the signal that ended a program. */
export type End = number | NodeJS.Signals | undefined;

/** A program that is not started yet. */
export function createProgram({ name, argv, env, logFile }: ProgramStart): Program {
  let child: ChildProcess | undefined;
  let saidBefore = 0;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<End> {
    if (!child || !isRunning()) return child?.exitCode ?? child?.signalCode ?? undefined;
    const ending = child;
    const ended = once(ending, "exit");
    ending.kill(signal);
    const late = setTimeout(() => ending.kill("SIGKILL"), LONGEST_END_MS);
    await ended;
    clearTimeout(late);
    return ending.exitCode ?? ending.signalCode ?? undefined;
  }

  return {
    name,
    logFile,
    get pid() {
      return isRunning() ? child?.pid : undefined;
    },
    get isRunning() {
      return isRunning();
    },
    start() {
      const [program, ...args] = argv;
      const log = openSync(logFile, "a");
      saidBefore = fstatSync(log).size;
      child = spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } });
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    signal: (name) => void child?.kill(name),
    words: () => readFileSync(logFile, "utf8"),
    newWords: () => readFileSync(logFile).subarray(saidBefore).toString("utf8"),
  };
}
