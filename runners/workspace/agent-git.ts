/** The `.git` that an agent finds in its work folder: to look at history and commit to, never read by anybody else. */
import { join } from "node:path";
import { RetryableError } from "../../src/domain/errors.ts";
import type { Sha } from "../../src/domain/ids.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";
import { runInSandbox, STEP_LIMITS } from "../sandbox/sandbox-step.ts";
import type { View } from "../sandbox/view.ts";
import { GIT_ENVIRONMENT, objectFormatOf } from "./git.ts";
import type { GitMirror } from "./git-mirror.ts";

/** Git's own start, many times over. */
const TIMEOUT_MS = 30_000;

const PREPARE = `
rm -rf .git
git init --quiet --template= --object-format="$1" --initial-branch=steward-empty .
mkdir -p .git/objects/info .git/info
printf '%s\\n' "$2" > .git/objects/info/alternates
git config gc.auto 0
git config maintenance.auto false
git config user.name "$3"
git config user.email "$4"
git update-ref "refs/heads/$5" "$6"
git symbolic-ref HEAD "refs/heads/$5"
git read-tree HEAD
`;

/** Whom the agent's own commits are by; they are never pushed. */
export interface CommitAuthor {
  readonly login: string;
  readonly email: string;
}

/** Git refuses a folder of another user; without isolation the files are the job user's, and who runs git is not. */
export function gitTrust({ isolates }: Pick<SandboxDriver, "isolates">): Readonly<Record<string, string>> {
  if (isolates) return {};
  return { GIT_CONFIG_COUNT: "1", GIT_CONFIG_KEY_0: "safe.directory", GIT_CONFIG_VALUE_0: "*" };
}

/** What the workspace port's `preparing` returns. */
export function prepareAgentGit(mirror: GitMirror, author: CommitAuthor, branch: string) {
  const objects = join(mirror.gitDir, "objects");
  return {
    readable: [objects],
    async prepare(view: View, commit: Sha, sandbox: SandboxDriver): Promise<void> {
      const format = objectFormatOf(commit);
      const { exitCode, output } = await runInSandbox(sandbox, {
        view,
        argv: ["sh", "-ec", PREPARE, "sh", format, objects, author.login, author.email, branch, commit],
        env: { ...GIT_ENVIRONMENT, ...gitTrust(sandbox) },
        readable: [objects],
        limits: { ...STEP_LIMITS, timeoutMs: TIMEOUT_MS },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (exitCode === 0) return;
      throw new RetryableError("WORKSPACE_FAILED", `the agent's git could not be prepared: ${output.slice(-400)}`);
    },
  };
}
