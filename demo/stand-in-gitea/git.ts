/** git on bare repositories: everything is done with plumbing commands, never with a work tree. */
import { execFile } from "node:child_process";

/** Largest answer of one git command. */
const MAXIMUM_OUTPUT = 64 * 1024 * 1024;

/** A git command that ended with another code than 0. */
export class GitError extends Error {
  readonly code: number;
  readonly output: string;

  constructor(command: string, code: number, output: string, detail: string) {
    super(`git ${command} ended with ${code}: ${detail}`);
    this.name = "GitError";
    this.code = code;
    this.output = output;
  }
}

/** Input of a git command, and more environment. */
export interface GitOptions {
  readonly input?: string | Buffer;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The environment of every git here: no configuration of the machine or of the person. */
export function gitEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1", LC_ALL: "C", ...more };
}

/** Runs git in a folder and gives its output as bytes. */
export function gitBytes(folder: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settings = {
      cwd: folder,
      env: gitEnvironment(options.environment),
      maxBuffer: MAXIMUM_OUTPUT,
      encoding: "buffer",
    } as const;
    const child = execFile("git", [...args], settings, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const code = typeof error.code === "number" ? error.code : -1;
      reject(new GitError(args[0] ?? "", code, stdout.toString(), stderr.toString() || error.message));
    });
    // A git that ends without reading its input tells why by its exit code.
    child.stdin?.on("error", () => child.stdin?.destroy());
    child.stdin?.end(options.input ?? "");
  });
}

/** Runs git in a folder and gives its output as text, without the last line end. */
export async function git(folder: string, args: readonly string[], options: GitOptions = {}): Promise<string> {
  return (await gitBytes(folder, args, options)).toString().replace(/\n$/, "");
}

/** Like `git`, but a command that fails gives `undefined`. */
export async function tryGit(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await git(folder, args);
  } catch (error) {
    if (error instanceof GitError) return undefined;
    throw error;
  }
}
