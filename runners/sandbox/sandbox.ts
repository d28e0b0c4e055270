/**
 * The sandbox port: one untrusted command in a view, with everything else out of reach.
 *
 * Order of use: `probe` once at start; then any number of `run`, also at the same time. `run` resolves when the command and
 * every process it left behind are gone; it rejects only with `SANDBOX_UNAVAILABLE` (a failure of ours). How the command
 * ended is a value: `exitCode` is absent when it did not exit by itself, and is never made up.
 *
 * A driver that isolates promises: no network but the given socket; no file of the host but the view (writable), the exposed
 * paths and the system's programs (read-only); a clean environment; no capabilities; own pid, ipc and network namespaces;
 * limits on memory, processes, cpu, disk and output; death of the whole tree at the deadline, on abort, and with the runner.
 */
import type { View } from "./view.ts";

/** What one command may use. */
export interface SandboxLimits {
  readonly timeoutMs: number;
  readonly memoryBytes: number;
  readonly processes: number;
  readonly cpus: number;
  readonly outputBytes: number;
}

/** One untrusted command and all that it may see. */
export interface SandboxCommand {
  readonly view: View;
  readonly argv: readonly string[];
  /** All there is besides PATH, HOME, TMPDIR and LANG, which the driver sets. */
  readonly env: Readonly<Record<string, string>>;
  /** Absent: empty. */
  readonly stdin?: string;
  /** Host paths (exposed by the view) that are readable inside at the same path. A unix socket among them can be connected to. */
  readonly readable: readonly string[];
  /** Host paths (exposed by the view) that are writable inside at the same path; for steps of our own only, never an agent's or gate's. */
  readonly writable: readonly string[];
  readonly limits: SandboxLimits;
  /** Standard output and error as they come, in order. */
  readonly onOutput: (chunk: Buffer) => void;
  readonly signal: AbortSignal;
}

/** What ended a command; the first cause counts. */
export type SandboxEnd = "exit" | "signal" | "timeout" | "aborted" | "out-of-memory" | "output-limit";

/** How a command ended. */
export interface SandboxResult {
  readonly end: SandboxEnd;
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly durationMs: number;
}

/** One property read back from a real sandbox. */
export interface SandboxCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** One way of isolating commands. */
export interface SandboxDriver {
  readonly name: "bubblewrap" | "host" | "simulated";
  /** False: whatever runs in it has the rights of the runner's user. */
  readonly isolates: boolean;
  /** The work folder's path as the command sees it; constant where the driver can, so that set-up results can be reused. */
  workFolder(view: View): string;
  /** Host paths (toolchains, agent tools) that a view must expose for this driver. */
  readonly exposes: readonly string[];
  /** Names what decides a result besides the files: driver, programs and their versions. Part of the key of kept results. */
  readonly toolchain: string;
  /** Starts real sandboxes and reads its properties back, each "denied" beside a positive control. */
  probe(view: View): Promise<readonly SandboxCheck[]>;
  run(command: SandboxCommand): Promise<SandboxResult>;
}
