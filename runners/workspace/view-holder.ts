/** A process that keeps one private mount namespace alive, and lets it go when the runner does, even by kill -9. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { RetryableError } from "../../src/domain/errors.ts";
import { OUTER_ENVIRONMENT } from "../outer-environment.ts";

/** Mounting takes milliseconds; a machine that needs longer than this has other troubles. */
const READY_TIMEOUT_MS = 20_000;

/** The end of what a failing mount says. */
const COMPLAINT_CHARACTERS = 400;

/** Reading waits for the end of a pipe whose other end only the runner has. */
const HOLD = "\necho ready\nread -r _ || :";

/** A held mount namespace. */
export interface Holder {
  /** Put in front of an argv to start it in the namespace. */
  readonly enter: readonly string[];
  /** Ends the namespace with all that is mounted in it; may be called twice. */
  release(): Promise<void>;
}

/** What is done in the new namespace before it counts as ready. */
export interface HolderScript {
  readonly script: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** True where the runner has not the right to mount: a user namespace gives it. */
  readonly userNamespace: boolean;
}

async function untilReady(child: ChildProcess): Promise<void> {
  let said = "";
  const heard = new Promise<boolean>((resolve) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      if (said.endsWith("ready\n")) resolve(true);
    });
    child.once("error", (error) => {
      said += error.message;
      resolve(false);
    });
    child.once("exit", () => resolve(false));
  });
  const deadline = setTimeout(() => child.kill("SIGKILL"), READY_TIMEOUT_MS);
  const isReady = await heard.finally(() => clearTimeout(deadline));
  if (isReady) return;
  const complaint = said.trim().slice(-COMPLAINT_CHARACTERS);
  throw new RetryableError("WORKSPACE_FAILED", `a view could not be mounted: ${complaint}. Run \`steward doctor\``);
}

/** Starts a holder; resolves when its script is done, and rejects with WORKSPACE_FAILED when that failed. */
export async function startHolder({ script, args, cwd, userNamespace }: HolderScript): Promise<Holder> {
  const namespaces = userNamespace ? ["-Urm"] : ["-m"];
  const shell = ["sh", "-c", `exec 2>&1\nset -e\n${script}${HOLD}`, "sh", ...args];
  const child = spawn("unshare", [...namespaces, "--propagation", "private", ...shell], {
    cwd,
    env: OUTER_ENVIRONMENT,
    stdio: ["pipe", "pipe", "ignore"],
  });
  child.stdin.on("error", () => child.stdin.destroy());
  await untilReady(child);
  const exited = once(child, "exit");
  const namespace = `/proc/${child.pid}/ns`;
  const user = userNamespace ? [`--user=${namespace}/user`, "--preserve-credentials"] : [];
  return {
    enter: ["nsenter", ...user, `--mount=${namespace}/mnt`, "--"],
    release: async () => {
      child.stdin.end();
      await exited;
    },
  };
}
