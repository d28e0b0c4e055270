/** A process that keeps one private mount namespace alive, and lets it go when the runner does, even by kill -9. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { RetryableError } from "../../src/domain/errors.ts";
import { OUTER_ENVIRONMENT } from "../outer-environment.ts";
import type { Owner } from "./views.ts";

/** Mounting takes milliseconds; a machine that needs longer than this has other troubles. */
const READY_TIMEOUT_MS = 20_000;

/** The end of what a failing mount says. */
const COMPLAINT_CHARACTERS = 400;

/** What the shell says when it has done what it was told. */
const DONE = "done\n";

/** A held mount namespace. */
export interface Holder {
  /** Put in front of an argv to start it in the namespace. */
  readonly enter: readonly string[];
  /** The same, and gives up the rights of root. */
  enterAs(owner: Owner): readonly string[];
  /** False once the namespace is gone. */
  isAlive(): boolean;
  /** Runs this script in the namespace, one at a time; rejects with WORKSPACE_FAILED, and the namespace is gone, when a command of it fails. */
  run(script: string, args: readonly string[]): Promise<void>;
  /** Ends the namespace with all that is mounted in it; may be called twice. */
  release(): Promise<void>;
}

/** Where a namespace is made. */
export interface HolderOptions {
  /** Where its scripts begin. */
  readonly cwd: string;
  /** True where the runner has not the right to mount: a user namespace gives it. */
  readonly userNamespace: boolean;
}

/** Resolves when the shell says that it is done, rejects with what else it said. */
async function untilDone(child: ChildProcessByStdio<Writable, Readable, null>): Promise<void> {
  let said = "";
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const onData = (chunk: Buffer) => {
    said += chunk.toString();
    if (said.endsWith(DONE)) resolve(true);
  };
  const onError = (error: Error) => {
    said += error.message;
    resolve(false);
  };
  const onClose = () => resolve(false);
  child.stdout.on("data", onData);
  child.once("error", onError).once("close", onClose);
  const deadline = setTimeout(() => child.kill("SIGKILL"), READY_TIMEOUT_MS);
  const isDone = await promise;
  clearTimeout(deadline);
  child.stdout.off("data", onData);
  child.off("error", onError).off("close", onClose);
  if (isDone) return;
  const complaint = said.trim().slice(-COMPLAINT_CHARACTERS);
  throw new RetryableError("WORKSPACE_FAILED", `a view could not be mounted: ${complaint}. Run \`steward doctor\``);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Starts one: a shell that reads what to do from a pipe whose other end only the runner has, and ends with it. */
export function startHolder({ cwd, userNamespace }: HolderOptions): Holder {
  const namespaces = userNamespace ? ["-Urm"] : ["-m"];
  const child = spawn("unshare", [...namespaces, "--propagation", "private", "sh"], {
    cwd,
    env: OUTER_ENVIRONMENT,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  child.stdin.on("error", () => child.stdin.destroy());
  child.on("error", () => undefined);
  child.stdin.write("exec 2>&1; set -e\n");
  const namespace = `/proc/${child.pid}/ns`;
  const user = userNamespace ? [`--user=${namespace}/user`, "--preserve-credentials"] : [];
  const nsenter = ["nsenter", ...user, `--mount=${namespace}/mnt`];
  return {
    enter: [...nsenter, "--"],
    enterAs: ({ uid, gid }) => [...nsenter, `--setuid=${uid}`, `--setgid=${gid}`, "--"],
    isAlive: () => child.pid !== undefined && child.exitCode === null && child.signalCode === null,
    run: async (script, args) => {
      const done = untilDone(child);
      child.stdin.write(`set -- ${args.map(quoted).join(" ")}\n${script}\necho done\n`);
      await done;
    },
    release: async () => {
      child.stdin.end();
      await closed;
    },
  };
}
