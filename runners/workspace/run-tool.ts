/** Runs a small program of the system for the runner itself, with a clean environment. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { RetryableError } from "../../src/domain/errors.ts";
import { OUTER_ENVIRONMENT } from "../outer-environment.ts";

/** Copying a large tree on a slow disk. */
const TIMEOUT_MS = 600_000;

const COMPLAINT_CHARACTERS = 400;

function complaintOf(error: unknown): string {
  const text = error instanceof Error && "stderr" in error ? String(error.stderr) || error.message : String(error);
  return text.trim().slice(-COMPLAINT_CHARACTERS);
}

/** The program's output; rejects with WORKSPACE_FAILED and the end of what it complained about. */
export async function runTool(argv: readonly string[], cwd = "/"): Promise<string> {
  const [program = "", ...args] = argv;
  try {
    const done = await promisify(execFile)(program, args, { cwd, env: OUTER_ENVIRONMENT, timeout: TIMEOUT_MS });
    return done.stdout;
  } catch (cause) {
    const sentence = `the workspace could not be prepared: ${complaintOf(cause)}. See that its disk has room`;
    throw new RetryableError("WORKSPACE_FAILED", sentence, { cause });
  }
}
