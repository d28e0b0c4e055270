/** The command line as a process of its own, with nothing of the tests' environment but PATH. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

/** What a finished process left. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs `steward` with these words and variables in a folder until it ends. */
export async function runSteward(
  words: readonly string[],
  folder: string,
  variables: NodeJS.ProcessEnv,
): Promise<Ended> {
  const { PATH, NODE_V8_COVERAGE } = process.env;
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { PATH, NODE_V8_COVERAGE, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [output, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, output, errors };
}
