/** From what a job left in its view to a tree in the mirror, without trusting anything that the job wrote. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RetryableError } from "../../src/domain/errors.ts";
import { Sha } from "../../src/domain/ids.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";
import { runInSandbox, STEP_LIMITS } from "../sandbox/sandbox-step.ts";
import type { View } from "../sandbox/view.ts";
import { GIT_ENVIRONMENT, objectFormatOf } from "./git.ts";
import type { GitMirror } from "./git-mirror.ts";
import { runTool } from "./run-tool.ts";
import type { Views } from "./views.ts";

/** Larger files are left out of a commit: forges refuse them, and no review reads them. */
export const MOST_FILE_MEBIBYTES = 50;

const BLOCKS_PER_MEBIBYTE = 2048;

/** Names in the report; a tree full of large files needs no complete list. */
const MOST_NAMES = 10;

/** Between the parts of what staging prints; a path cannot hold two slashes in a row. */
const BORDER = "//";

/**
 * Stages everything but files that are too large, and prints the names of what was left out, and the tree. A repository inside
 * the work tree would be added as a link to nowhere: its `.git` goes, and its files are added like all others.
 */
const STAGE = `
parent=$1; blocks=$2
cd "$GIT_WORK_TREE"
git read-tree "$parent"
find . -path ./.git -prune -o \\( -type d ! -perm -u+rwx -o -type f ! -perm -u+r \\) -exec chmod u+rwX {} \\;
find . -path ./.git -prune -o -type f -size +"$blocks" -print0 > "$GIT_DIR/large"
stage() {
  # Without this, git writes every unchanged file once more: it cannot touch the mirror's objects to keep them fresh.
  git update-index -q --refresh > /dev/null 2>&1 || :
  { printf '.\\0'; xargs -0 -r printf ':(exclude,literal)%s\\0' < "$GIT_DIR/large"; } |
    git add -A --ignore-errors --pathspec-from-file=- --pathspec-file-nul 2> /dev/null || :
}
stage
if git diff-index --cached "$parent" | grep -q '^:[0-7]* 160000 '; then
  find . -mindepth 2 -name .git -prune -exec rm -rf {} +
  git read-tree "$parent"
  stage
fi
border() { printf '${BORDER}\\0'; }
border; cat "$GIT_DIR/large"; git ls-files -z --others --exclude-standard
border; git check-ignore -z --stdin < "$GIT_DIR/large" || :
border; printf 'tree %s' "$(git write-tree)"
`;

/** What was staged. */
export interface Staged {
  readonly tree: Sha;
  /** One sentence about what could not be taken along; absent: everything was. */
  readonly leftOut: string | undefined;
}

/** What staging needs. */
export interface StageDeps {
  readonly mirror: GitMirror;
  readonly views: Views;
  readonly isRoot: boolean;
  /** Folder for short-lived folders. */
  readonly folder: string;
}

/** What is to be staged. */
export interface StageRequest {
  readonly view: View;
  readonly parent: Sha;
  readonly sandbox: SandboxDriver;
  readonly signal: AbortSignal;
}

/** A repository that holds nothing but what is new to the mirror. */
async function makeBare({ mirror }: StageDeps, gitDir: string, parent: Sha): Promise<void> {
  const format = `--object-format=${objectFormatOf(parent)}`;
  await mirror.git(["init", "--quiet", "--bare", "--template=", format, gitDir]);
  await writeFile(join(gitDir, "objects", "info", "alternates"), `${join(mirror.gitDir, "objects")}\n`);
}

async function makeGitDir(deps: StageDeps, gitDir: string, parent: Sha): Promise<void> {
  const { views, isRoot } = deps;
  await makeBare(deps, gitDir, parent);
  if (isRoot) await runTool(["chown", "-R", `${views.owner.uid}:${views.owner.gid}`, gitDir]);
}

/** Only plain files with the name of a loose object come along; git checks their content against that name. */
async function takeObjects(from: string, to: string): Promise<void> {
  for (const fan of await readdir(from, { withFileTypes: true })) {
    if (!fan.isDirectory() || !/^[0-9a-f]{2}$/.test(fan.name)) continue;
    await mkdir(join(to, fan.name), { recursive: true });
    const objects = await readdir(join(from, fan.name), { withFileTypes: true });
    const plain = objects.filter((object) => object.isFile() && /^[0-9a-f]{38,62}$/.test(object.name));
    for (const { name } of plain) await rename(join(from, fan.name, name), join(to, fan.name, name));
  }
}

async function moveIntoMirror(deps: StageDeps, folder: string, tree: Sha, parent: Sha): Promise<void> {
  const { mirror } = deps;
  const clean = join(folder, "clean");
  await makeBare(deps, clean, parent);
  await takeObjects(join(folder, "git", "objects"), join(clean, "objects"));
  const pack = await mirror.git(["pack-objects", "--quiet", "--revs", "--stdout"], {
    env: { GIT_DIR: clean },
    input: `${tree}\n^${parent}\n`,
  });
  await mirror.git(["index-pack", "--stdin", "--strict"], { input: pack.bytes });
}

function leftOutFrom(found: readonly string[], ignored: readonly string[]): string | undefined {
  const names = new Set(found.filter((name) => !ignored.includes(name)).map((name) => name.replace(/^\.\//, "")));
  if (names.size === 0) return undefined;
  const shown = [...names].slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
  const more = names.size > MOST_NAMES ? ` and ${names.size - MOST_NAMES} more` : "";
  return `left out, for files over ${MOST_FILE_MEBIBYTES} MiB and names that git forbids are not committed: ${shown.join(", ")}${more}`;
}

/** The parts of what staging printed: names that may have been left out, those of them that are ignored, and the tree. */
function partsOf(output: string): readonly (readonly string[])[] {
  return output
    .split(`${BORDER}\0`)
    .slice(1)
    .map((part) => part.split("\0").filter((name) => name !== ""));
}

/** Stages the view inside the sandbox with a GIT_DIR of ours, checks what came of it, and moves it into the mirror. */
export async function stageView(deps: StageDeps, { view, parent, sandbox, signal }: StageRequest): Promise<Staged> {
  const folder = join(deps.folder, randomBytes(6).toString("hex"));
  const gitDir = join(folder, "git");
  const objects = join(deps.mirror.gitDir, "objects");
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await makeGitDir(deps, gitDir, parent);
    const { output, exitCode } = await runInSandbox(sandbox, {
      view: await deps.views.expose(view, [gitDir, objects]),
      argv: ["sh", "-ec", STAGE, "sh", parent, `${MOST_FILE_MEBIBYTES * BLOCKS_PER_MEBIBYTE}`],
      env: { ...GIT_ENVIRONMENT, GIT_DIR: gitDir, GIT_WORK_TREE: sandbox.workFolder(view) },
      readable: [objects],
      writable: [gitDir],
      limits: STEP_LIMITS,
      signal,
    });
    const [found = [], ignored = [], [last = ""] = []] = partsOf(output);
    const tree = Sha.safeParse(last.replace(/^tree /, "")).data;
    if (exitCode !== 0 || !tree) {
      throw new RetryableError("WORKSPACE_FAILED", `the work could not be staged: ${output.slice(-400).trim()}`);
    }
    await moveIntoMirror(deps, folder, tree, parent);
    return { tree, leftOut: leftOutFrom(found, ignored) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
