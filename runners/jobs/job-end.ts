/** How jobs end that do not end by themselves: stopped from outside, by a limit, or by a failure of ours. */
import { RetryableError, StewardError } from "../../src/domain/errors.ts";
import type { SandboxLimits, SandboxResult } from "../sandbox/sandbox.ts";

const MEBIBYTE = 1024 * 1024;
const MINUTE_MS = 60_000;

/** Rejects the job when its run was stopped: nothing is reported any more. */
export function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new RetryableError("RUN_FENCED", `the run was stopped: ${String(signal.reason)}`);
}

/** Resolves like `work`, but rejects at once when the run is stopped. */
export async function unlessStopped<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const stopped = Promise.withResolvers<never>();
  const onAbort = () => stopped.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, stopped.promise]);
  } catch (error) {
    throwIfStopped(signal);
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** True when a run ends because its runner does: its work is kept, and somebody else goes on with it. */
export function isShutdown(signal: AbortSignal): boolean {
  return signal.aborted && signal.reason === "shutdown";
}

/** Aborted with `signal`, but so much later when the runner shuts down, so that work can be brought to safety. */
export function withGrace(signal: AbortSignal, graceMs: number): AbortSignal {
  const late = new AbortController();
  const stop = () => late.abort(signal.reason);
  const onAbort = () => {
    if (isShutdown(signal)) setTimeout(stop, graceMs).unref();
    else stop();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return late.signal;
}

/** The sentence of a failure of ours. */
export function sentenceOf(error: unknown): string {
  if (error instanceof StewardError) return error.message;
  return `the runner failed: ${error instanceof Error ? error.message : String(error)}`;
}

/** A number of minutes in words. */
export function minutes(timeoutMs: number): string {
  const count = Math.round((timeoutMs / MINUTE_MS) * 10) / 10;
  return count === 1 ? "1 minute" : `${count} minutes`;
}

/** How a command ended, in a few words; `exit code 0` for success. */
export function endInWords({ end, exitCode, signal }: SandboxResult, limits: SandboxLimits): string {
  switch (end) {
    case "exit":
      return `exit code ${exitCode}`;
    case "signal":
      return `killed by ${signal}`;
    case "timeout":
      return `took longer than ${minutes(limits.timeoutMs)}`;
    case "out-of-memory":
      return `ran out of memory (limit ${Math.round(limits.memoryBytes / MEBIBYTE)} MiB)`;
    case "output-limit":
      return `printed more than ${Math.round(limits.outputBytes / MEBIBYTE)} MiB`;
    case "aborted":
      return "stopped";
  }
}
