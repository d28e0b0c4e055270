/** One bubblewrap process: what it is given by its descriptors, and what it tells about itself. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { finished } from "node:stream/promises";
import { setTimeout as delay } from "node:timers/promises";
import { OUTER_ENVIRONMENT } from "../outer-environment.ts";
import { bubblewrapArguments, type SandboxSurroundings } from "./bubblewrap-arguments.ts";
import type { Group } from "./cgroup-limits.ts";
import { type HeldFile, withDescriptors } from "./held-files.ts";
import type { OutputPipe } from "./output-pipes.ts";
import type { SandboxCommand } from "./sandbox.ts";
import { trampoline } from "./trampoline.ts";

/** The end of the status comes with the death of the last process that holds it; this is for one that will not die. */
const STATUS_DEADLINE_MS = 1_000;

const ARGUMENTS_DESCRIPTOR = 3;
const STATUS_DESCRIPTOR = 4;
/** One digit: the smallest shells know no others. */
const GO_DESCRIPTOR = 5;
const FIRST_DATA_DESCRIPTOR = 6;

/** Without a control group only the number of processes can be limited. Inside: the host's user may have many of its own. */
function fallbackLimits(group: Group | undefined, { processes }: SandboxCommand["limits"]): readonly string[] {
  return group ? [] : ["prlimit", `--nproc=${processes}`, "--"];
}

/**
 * The command starts through a shell inside too, so that a missing program is exit code 127 and not a broken sandbox. It waits
 * for a word of the runner: one that was killed before bubblewrap had tied itself to it never gives it, and nothing runs on.
 */
const INNER_SHELL = [
  "/bin/sh",
  "-c",
  `read -r go <&${GO_DESCRIPTOR} || exit; exec ${GO_DESCRIPTOR}<&-; exec "$@"`,
  "sh",
];

/** What does not change between two commands. */
export interface BubblewrapSetting {
  readonly surroundings: SandboxSurroundings;
  /** Files of the sandbox's own, by their path inside. */
  readonly files: ReadonlyMap<string, HeldFile>;
  readonly filter: HeldFile | undefined;
}

/** What one command's process is tied to. */
export interface BubblewrapTies {
  readonly group: Group | undefined;
  /** Descriptor for both outputs. */
  readonly output: number;
  /** Where it tells about itself. Not a pipe that breaks: it would die half-way when the runner does, and leave a process behind. */
  readonly status: OutputPipe;
}

/** A started process. */
export interface BubblewrapProcess {
  readonly child: ChildProcess;
  /** The first process of its namespace, once it is known. */
  firstPid(): number | undefined;
  /** How the command ended; absent when it never began. To be asked when the process is gone. */
  exitCode(): Promise<number | undefined>;
}

/** A figure from the JSON documents that bubblewrap writes, one after the other. */
function figure(status: string, name: string): number | undefined {
  const found = new RegExp(`"${name}": (\\d+)`).exec(status)?.[1];
  return found === undefined ? undefined : Number(found);
}

function send(stream: Readable | Writable | null | undefined, data: Buffer | string): void {
  if (!stream || !("end" in stream)) return;
  stream.on("error", () => stream.destroy());
  stream.end(data);
}

/** Reads a stream to its end. */
function collect(stream: Readable): { readonly text: () => string; readonly ended: Promise<void> } {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = finished(stream).catch(() => undefined);
  return { text: () => Buffer.concat(chunks).toString(), ended };
}

function optionsFor(command: SandboxCommand, { surroundings, files, filter }: BubblewrapSetting): readonly string[] {
  const descriptors = [...files.keys()].map((path, index) => [path, FIRST_DATA_DESCRIPTOR + index] as const);
  return bubblewrapArguments(command, surroundings, {
    status: STATUS_DESCRIPTOR,
    seccomp: filter && FIRST_DATA_DESCRIPTOR + files.size,
    files: new Map(descriptors),
  });
}

/** Starts the command. The only programs before bubblewrap are those of the limits and of the view. */
export function startBubblewrap(
  command: SandboxCommand,
  setting: BubblewrapSetting,
  { group, output, status }: BubblewrapTies,
): BubblewrapProcess {
  const inner = [...fallbackLimits(group, command.limits), ...INNER_SHELL, ...command.argv];
  const bubblewrap = ["bwrap", "--args", String(ARGUMENTS_DESCRIPTOR), "--", ...inner];
  const argv = [...command.view.enterAsOwner, ...bubblewrap];
  const stdin = command.stdin === undefined ? "ignore" : "pipe";
  const files = [...setting.files.values(), ...(setting.filter ? [setting.filter] : [])];
  const child = withDescriptors(files, (data) =>
    spawn("/bin/sh", [...trampoline(argv, group)], {
      cwd: "/",
      env: OUTER_ENVIRONMENT,
      stdio: [stdin, output, "ignore", "pipe", status.descriptor, "pipe", ...data],
    }),
  );
  const streams: readonly (Readable | Writable | null | undefined)[] = child.stdio;
  send(
    streams[ARGUMENTS_DESCRIPTOR],
    optionsFor(command, setting)
      .map((option) => `${option}\0`)
      .join(""),
  );
  status.handOver();
  const told = collect(status.output);
  // Bubblewrap tells its first process only after it has tied its life to this process.
  status.output.once("data", () => send(streams[GO_DESCRIPTOR], "go\n"));
  return {
    child,
    firstPid: () => figure(told.text(), "child-pid"),
    exitCode: async () => {
      await Promise.race([told.ended, delay(STATUS_DEADLINE_MS, undefined, { ref: false })]);
      return figure(told.text(), "exit-code");
    },
  };
}
