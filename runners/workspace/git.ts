/** Runs git for the runner itself: no configuration but ours, no hooks, no prompts, and no token that it was not handed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { RetryableError } from "../../src/domain/errors.ts";
import type { Sha } from "../../src/domain/ids.ts";
import type { Redactor } from "../../src/lib/redact.ts";
import { OUTER_ENVIRONMENT } from "../outer-environment.ts";

/** Local work; a fetch or push says otherwise. */
const DEFAULT_TIMEOUT_MS = 120_000;

/** The largest answer that is read: the diff of a very large branch. */
const MOST_BYTES = 256 * 1024 * 1024;

/** The end of git's complaint that goes into an error's sentence. */
const COMPLAINT_CHARACTERS = 600;

/** Environment in which git reads no configuration of the machine, the user or a repository's attributes file of either. */
export const GIT_ENVIRONMENT: Readonly<Record<string, string>> = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ADVICE: "0",
  LC_ALL: "C",
};

const OUTSIDE_ENVIRONMENT = {
  ...OUTER_ENVIRONMENT,
  ...GIT_ENVIRONMENT,
  HOME: "/nonexistent",
  GIT_LITERAL_PATHSPECS: "1",
  GIT_ALLOW_PROTOCOL: "http:https",
};

/** A server from which nothing comes for so long does not answer any more: git servers that compute say something every few seconds. */
const SILENCE_SECONDS = 30;

/** Stronger than any repository's own configuration. */
const SETTINGS = [
  "http.lowSpeedLimit=1",
  `http.lowSpeedTime=${SILENCE_SECONDS}`,
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "core.sharedRepository=0644",
  "protocol.ext.allow=never",
  "credential.helper=",
  "gc.auto=0",
  "maintenance.auto=false",
  "submodule.recurse=false",
  "push.followTags=false",
].flatMap((setting) => ["-c", setting]);

/** Names of SHA-256 are longer than those of SHA-1; a repository holds one kind. */
export function objectFormatOf(commit: Sha | undefined): "sha1" | "sha256" {
  return commit?.length === 64 ? "sha256" : "sha1";
}

/** One call of git. */
export interface GitCall {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** Exit codes that are answers; any other is a failure. Default: 0. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Put in front of git. */
  readonly through?: readonly string[];
  readonly cwd?: string;
}

/** What git answered. */
export interface GitAnswer {
  readonly code: number;
  readonly bytes: Buffer;
  /** The answer as text, without the last line end. */
  readonly text: string;
}

/** Runs git with these arguments. */
export type Git = (args: readonly string[], call?: GitCall) => Promise<GitAnswer>;

/** How a call ended, whatever it ended with. */
interface Ended {
  readonly code: number | undefined;
  readonly stdout: Buffer;
  readonly complaint: string;
}

function collect(stream: NodeJS.ReadableStream, most: number, tooMuch: () => void): () => Buffer {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > most) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks);
}

/** Git's helpers go with it: the whole group is killed. */
async function run(args: readonly string[], call: GitCall): Promise<Ended> {
  const [program = "git", ...rest] = [...(call.through ?? []), "git", ...SETTINGS, ...args];
  const env = { ...OUTSIDE_ENVIRONMENT, ...call.env };
  const child = spawn(program, rest, { cwd: call.cwd ?? "/", env, stdio: "pipe", detached: true });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
  };
  const stdout = collect(child.stdout, MOST_BYTES, kill);
  const stderr = collect(child.stderr, MOST_BYTES, kill);
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(call.input ?? "");
  call.signal?.addEventListener("abort", kill, { once: true });
  if (call.signal?.aborted) kill();
  const deadline = setTimeout(kill, call.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  try {
    const [code] = await once(child, "close");
    return { code: code ?? undefined, stdout: stdout(), complaint: stderr().toString() };
  } finally {
    clearTimeout(deadline);
    call.signal?.removeEventListener("abort", kill);
  }
}

/** Makes git; `redact` masks what it complains about. */
export function createGit(redact: Redactor): Git {
  return async (args, call = {}) => {
    const { code, stdout, complaint } = await run(args, call).catch((cause) => {
      throw new RetryableError("WORKSPACE_FAILED", "git could not be started: see that it is installed", { cause });
    });
    if (code !== undefined && (call.answers ?? [0]).includes(code)) {
      return { code, bytes: stdout, text: stdout.toString().replace(/\n$/, "") };
    }
    const verb = args.find((arg) => /^[a-z][a-z-]+$/.test(arg)) ?? "";
    const said = redact(complaint).trim().slice(-COMPLAINT_CHARACTERS);
    const sentence = `git ${verb} ${code === undefined ? "was ended" : "failed"}: ${said || "it gave no reason"}`;
    throw new RetryableError("WORKSPACE_FAILED", sentence);
  };
}
