/** The driver for tests: carries out a few shell words itself, without processes, always in the same way. */
import { writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join, normalize } from "node:path";
import type { SandboxCommand, SandboxDriver, SandboxEnd, SandboxResult } from "./sandbox.ts";
import { type Directive, parseScript } from "./simulated-script.ts";

const PATH = "/usr/bin:/bin";
const NOT_FOUND = 127;

/** How a simulated command comes to its end before its script does. */
type Stop = { readonly end: SandboxEnd; readonly exitCode?: number; readonly signal?: string };

interface Simulation {
  readonly command: SandboxCommand;
  readonly stopped: Promise<Stop>;
  /** Returns the stop that follows from too much output. */
  print(text: string): Stop | undefined;
}

function printer(command: SandboxCommand): Simulation["print"] {
  let room = command.limits.outputBytes;
  return (text) => {
    const bytes = Buffer.from(text);
    const kept = bytes.subarray(0, Math.max(0, room));
    room -= bytes.length;
    if (kept.length > 0) command.onOutput(kept);
    return room < 0 ? { end: "output-limit" } : undefined;
  };
}

function environment({ env }: SandboxCommand): string {
  const all = { PATH, HOME: "/home/job", TMPDIR: "/tmp", LANG: "C.UTF-8", ...env };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");
}

/** A script may name files below the work folder only. */
async function write({ view }: SandboxCommand, file: string, text: string): Promise<undefined> {
  await writeFile(join(view.path, normalize(`/${file}`)), text);
}

async function carryOut(directive: Directive, { command, stopped, print }: Simulation): Promise<Stop | undefined> {
  const { words, target } = directive;
  const [name = "", ...args] = words;
  const text = args.join(" ");
  switch (name) {
    case "echo":
      return target === undefined ? print(`${text}\n`) : write(command, target, `${text}\n`);
    case "cat":
      return print(command.stdin ?? "");
    case "env":
      return print(environment(command));
    case "pwd":
      return print(`${command.view.path}\n`);
    case "exit":
      return { end: "exit", exitCode: Number(args[0] ?? 0) };
    case "kill":
      return { end: "signal", signal: signalName(args[0]) };
    case "sleep":
      return stopped;
    case "yes":
      return print(`${args[0] ?? "y"}\n`.repeat(command.limits.outputBytes + 1));
    case "true":
    case "":
      return undefined;
    default:
      return print(`sh: ${name}: not found\n`) ?? { end: "exit", exitCode: NOT_FOUND };
  }
}

function signalName(option = "-TERM"): string {
  const given = `SIG${option.slice(1)}`;
  return given in constants.signals ? given : "SIGTERM";
}

function stopOf(command: SandboxCommand, closing: AbortSignal): Promise<Stop> {
  return new Promise((resolve) => {
    const deadline = setTimeout(() => resolve({ end: "timeout" }), command.limits.timeoutMs);
    closing.addEventListener("abort", () => clearTimeout(deadline), { once: true });
    command.signal.addEventListener("abort", () => resolve({ end: "aborted" }), { once: true });
    if (command.signal.aborted) resolve({ end: "aborted" });
  });
}

async function simulate(simulation: Simulation, script: readonly Directive[]): Promise<Stop> {
  for (const directive of script) {
    const { signal } = simulation.command;
    const stop = signal.aborted ? { end: "aborted" as const } : await carryOut(directive, simulation);
    if (stop) return stop;
  }
  return { end: "exit", exitCode: 0 };
}

async function runSimulated(command: SandboxCommand): Promise<SandboxResult> {
  const start = performance.now();
  const closing = new AbortController();
  const simulation = { command, stopped: stopOf(command, closing.signal), print: printer(command) };
  const stop = await simulate(simulation, parseScript(command.argv)).finally(() => closing.abort());
  return { end: stop.end, exitCode: stop.exitCode, signal: stop.signal, durationMs: performance.now() - start };
}

/**
 * Makes the driver. It knows `echo` (also `> file` and `>&2`), `cat` (its input), `env`, `pwd`, `exit n`, `kill -SIGNAL $$`,
 * `sleep` (until it is stopped), `yes text` (more than any limit) and `true`.
 */
export function createSimulatedSandbox(): SandboxDriver {
  return {
    name: "simulated",
    isolates: false,
    workFolder: (view) => view.path,
    exposes: [],
    toolchain: "simulated",
    probe: async () => [{ name: "isolation", ok: false, detail: "none: nothing is really run" }],
    run: runSimulated,
  };
}
