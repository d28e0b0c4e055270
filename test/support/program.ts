/** A program that a test starts, kills, and starts again as the same thing; its words go to one file. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";

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
  /** SIGTERM; resolves with the milliseconds it took to end. */
  stop(): Promise<number>;
  /** Any other signal; it goes on. */
  signal(name: NodeJS.Signals): void;
  words(): string;
}

/** A program that is not started yet. */
export function createProgram({ name, argv, env, logFile }: ProgramStart): Program {
  let child: ChildProcess | undefined;
  const isRunning = () => child !== undefined && child.exitCode === null && child.signalCode === null;

  async function end(signal: "SIGKILL" | "SIGTERM"): Promise<number> {
    const started = performance.now();
    if (!child || !isRunning()) return 0;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
    return performance.now() - started;
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
      child = spawn(program, args, { stdio: ["ignore", log, log], env: { ...process.env, ...env } });
    },
    kill: async () => void (await end("SIGKILL")),
    stop: () => end("SIGTERM"),
    signal: (name) => void child?.kill(name),
    words: () => readFileSync(logFile, "utf8"),
  };
}
