/** A person's clone of a repository of the stand-in, for tests that push. */
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface WorkingCopy {
  git(...args: readonly string[]): Promise<string>;
  /** Commits one file on a new or existing branch; a new one starts at `from`. */
  commit(branch: string, file: Readonly<Record<string, string>>, message: string, from?: string): Promise<string>;
  push(...refs: readonly string[]): Promise<void>;
}

/** Clones with a token in the header of each request, as an askpass-less test may. */
export async function cloneRepository(url: string, folder: string, login: string, token: string): Promise<WorkingCopy> {
  const basic = Buffer.from(`${login}:${token}`).toString("base64");
  const header = ["-c", `http.extraHeader=Authorization: Basic ${basic}`];
  const git = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await run("git", [...header, ...args], { cwd: folder });
    return stdout.trim();
  };
  mkdirSync(folder, { recursive: true });
  await git("clone", "--quiet", url, ".");
  await git("config", "user.name", login);
  await git("config", "user.email", `${login}@example.org`);
  return {
    git,
    async commit(branch, files, message, from) {
      await git("checkout", "--quiet", ...(from ? ["-b", branch, from] : [branch]));
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      await git("add", "--all");
      await git("commit", "--quiet", "--message", message);
      return git("rev-parse", "HEAD");
    },
    async push(...refs) {
      await git("push", "--quiet", "origin", ...refs);
    },
  };
}
