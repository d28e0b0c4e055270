/** Watches one spawned command: its output, its deadline, its abort, and the end of all it left behind. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxCommand, SandboxEnd } from "./sandbox.ts";

/** A process that escaped every kill may hold the pipe open for ever; what it would still say is not waited for. */
const DRAIN_MS = 2_000;

/** How a spawned command came to its end. `cause` is what killed it, when that was us. */
export interface Ending {
  readonly cause: Extract<SandboxEnd, "timeout" | "aborted" | "output-limit"> | undefined;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly durationMs: number;
}

/** A started command and the ways to end it. */
export interface Watched {
  readonly child: ChildProcess;
  /** What the command prints. */
  readonly output: Readable;
  readonly command: Pick<SandboxCommand, "stdin" | "limits" | "signal" | "onOutput">;
  /** Ends the command at once; what it started may follow in `cleanUp`. */
  readonly kill: () => void;
  /** Ends everything the command left behind and resolves when it is gone. */
  readonly cleanUp: () => Promise<void>;
}

interface Stopper {
  readonly cause: () => Ending["cause"];
  stop(cause: NonNullable<Ending["cause"]>): void;
}

/** The first cause wins: whatever follows a kill is a consequence of it. */
function createStopper(kill: () => void): Stopper {
  let first: Ending["cause"];
  return {
    cause: () => first,
    stop: (cause) => {
      if (first !== undefined) return;
      first = cause;
      kill();
    },
  };
}

function limitOutput({ output, command }: Watched, stopper: Stopper): void {
  let room = command.limits.outputBytes;
  output.on("data", (chunk: Buffer) => {
    const kept = chunk.subarray(0, Math.max(0, room));
    room -= chunk.length;
    if (kept.length > 0) command.onOutput(kept);
    if (room < 0) stopper.stop("output-limit");
  });
}

/** A command that does not read its input is no failure. */
function writeInput({ child, command }: Watched): void {
  child.stdin?.on("error", () => child.stdin?.destroy());
  child.stdin?.end(command.stdin ?? "");
}

async function drain(output: Readable, ended: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  await Promise.race([ended, delay(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  output.destroy();
}

/** Resolves when the command and all it left behind are gone; rejects only when it could not be spawned. */
export async function watch(watched: Watched): Promise<Ending> {
  const { child, output, command, kill, cleanUp } = watched;
  const start = performance.now();
  const stopper = createStopper(kill);
  const exited = once(child, "exit");
  const ended = finished(output).catch(() => undefined);
  limitOutput(watched, stopper);
  writeInput(watched);
  const onAbort = () => stopper.stop("aborted");
  command.signal.addEventListener("abort", onAbort, { once: true });
  if (command.signal.aborted) onAbort();
  const deadline = setTimeout(() => stopper.stop("timeout"), command.limits.timeoutMs);
  const [code, signal] = await exited.finally(() => {
    clearTimeout(deadline);
    command.signal.removeEventListener("abort", onAbort);
  });
  await cleanUp();
  await drain(output, ended);
  return { cause: stopper.cause(), code, signal, durationMs: performance.now() - start };
}
