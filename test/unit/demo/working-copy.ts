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

/** The environment in which git sends a token, and asks nobody for another one. */
function environmentWith(login: string, token: string | undefined): NodeJS.ProcessEnv {
  const basic = Buffer.from(`${login}:${token}`).toString("base64");
  const header = {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: "http.extraHeader",
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
  return { ...process.env, GIT_TERMINAL_PROMPT: "0", GIT_CONFIG_GLOBAL: "/dev/null", ...(token ? header : {}) };
}

/** Gives seconds since 1970 that follow one another by at least one: git tells the order of commits by whole seconds. */
function createSeconds(): () => number {
  let last = 0;
  return () => {
    last = Math.max(Math.floor(Date.now() / 1000), last + 1);
    return last;
  };
}

/** Clones as somebody with a token, or as nobody. */
export async function cloneRepository(
  url: string,
  folder: string,
  login: string,
  token: string | undefined,
): Promise<WorkingCopy> {
  const environment = environmentWith(login, token);
  const nextSecond = createSeconds();
  const git = async (...args: readonly string[]): Promise<string> => {
    const env = { ...environment, GIT_COMMITTER_DATE: `@${nextSecond()} +0000` };
    const { stdout } = await run("git", [...args], { cwd: folder, env });
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
