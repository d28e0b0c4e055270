/** From how a process ended to what is said about the command. */
import { constants } from "node:os";
import { RetryableError, StewardError } from "../../src/domain/errors.ts";
import type { SandboxResult } from "./sandbox.ts";
import type { Ending } from "./terminate.ts";

/** Shells and bubblewrap tell the death of their child by a signal as an exit code above this. */
const SIGNAL_EXIT_BASE = 128;

const SIGNAL_NAMES = new Map<number, string>(Object.entries(constants.signals).map(([name, number]) => [number, name]));

function exited(code: number, durationMs: number): SandboxResult {
  const signal = SIGNAL_NAMES.get(code - SIGNAL_EXIT_BASE);
  return signal === undefined
    ? { end: "exit", exitCode: code, signal: undefined, durationMs }
    : { end: "signal", exitCode: undefined, signal, durationMs };
}

/** What is known about a command's end besides how its outer process ended. */
export interface EndEvidence {
  readonly ranOutOfMemory: boolean;
  /** The command's own exit code, where the outer process has told it. */
  readonly exitCode: number | undefined;
}

/** The result; absent when nothing shows that the command ever started. */
export function sandboxResult(ending: Ending, { ranOutOfMemory, exitCode }: EndEvidence): SandboxResult | undefined {
  const { cause, durationMs } = ending;
  const unfinished = { exitCode: undefined, signal: undefined, durationMs };
  if (cause !== undefined) return { end: cause, ...unfinished };
  if (ranOutOfMemory && exitCode !== 0) return { end: "out-of-memory", ...unfinished };
  if (exitCode !== undefined) return exited(exitCode, durationMs);
  if (ending.signal !== null) return { end: "signal", exitCode: undefined, signal: ending.signal, durationMs };
  return undefined;
}

/** What a command ends with that was to be stopped before it began. */
export const NEVER_STARTED: SandboxResult = { end: "aborted", exitCode: undefined, signal: undefined, durationMs: 0 };

/** Whatever keeps us from running a command is a failure of ours that another runner, or a later moment, may not have. */
export async function orUnavailable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    if (cause instanceof StewardError) throw cause;
    const message =
      "a sandbox could not be started: see that the runner's machine has memory, processes and disk to spare";
    throw new RetryableError("SANDBOX_UNAVAILABLE", message, { cause });
  }
}
