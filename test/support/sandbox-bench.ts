/** What tests of sandboxes share: one command in a fresh view, with its output as text. */
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxCommand, SandboxDriver, SandboxResult } from "../../runners/sandbox/sandbox.ts";
import type { View } from "../../runners/sandbox/view.ts";
import { openPlainView } from "./plain-view.ts";

const MEBIBYTE = 1024 * 1024;

/** Roomy enough for Node; each test narrows what it is about. */
export const LIMITS = {
  timeoutMs: 20_000,
  memoryBytes: 512 * MEBIBYTE,
  processes: 128,
  cpus: 2,
  outputBytes: 4 * MEBIBYTE,
};

/** A result together with what the command printed. */
export interface Printed extends SandboxResult {
  readonly output: string;
}

/** A driver with a view of its own. */
export interface SandboxBench extends AsyncDisposable {
  readonly driver: SandboxDriver;
  readonly view: View;
  /** Runs a shell script, or an argv. */
  run(script: string | readonly string[], options?: Partial<SandboxCommand>): Promise<Printed>;
}

/** Opens a bench; `expose` is exposed besides what the driver itself needs. */
export async function openBench(driver: SandboxDriver, expose: readonly string[] = []): Promise<SandboxBench> {
  const view = await openPlainView([...driver.exposes, ...expose]);
  return {
    driver,
    view,
    run: async (script, options = {}) => {
      const chunks: Buffer[] = [];
      const onOutput = (chunk: Buffer) => {
        chunks.push(chunk);
        options.onOutput?.(chunk);
      };
      const argv = typeof script === "string" ? ["sh", "-c", script] : script;
      const common = { view, argv, env: {}, readable: [], writable: [], limits: LIMITS };
      const signal = options.signal ?? new AbortController().signal;
      const result = await driver.run({ ...common, ...options, signal, onOutput });
      return { ...result, output: Buffer.concat(chunks).toString() };
    },
    [Symbol.asyncDispose]: () => view.dispose(),
  };
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

/** A number of seconds that no other process on this machine sleeps. */
export function uniqueSeconds(): string {
  return `${randomInt(100_000_000, 900_000_000)}`;
}

/** True while a process of this machine has all `words` on its command line, wherever it runs. */
export function isAnywhere(...words: readonly string[]): boolean {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.some((pid) => words.every((word) => commandLine(pid).split("\0").includes(word)));
}

/** Resolves when the condition holds; the test's own deadline ends a wait in vain. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(2);
}
