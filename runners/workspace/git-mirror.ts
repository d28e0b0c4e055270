/** The bare mirror of one repository: fetching into it, reading from it, pushing out of it. */
import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { RetryableError } from "../../src/domain/errors.ts";
import { type RepositoryName, Sha } from "../../src/domain/ids.ts";
import { askpassEnvironment, type Credentials } from "./askpass.ts";
import { changedFilesFrom } from "./changed-files.ts";
import { createCommitFacts } from "./commit-facts.ts";
import { type Git, type GitAnswer, type GitCall, objectFormatOf } from "./git.ts";
import type { TakeTurn } from "./take-turns.ts";
import type { ChangedFile } from "./workspace.ts";

/** The first fetch of a large repository. */
const NETWORK_TIMEOUT_MS = 900_000;

/** Files that are read whole are configuration and lock files. */
const MOST_FILE_BYTES = 32 * 1024 * 1024;

/** A git that talks to a server ends when the runner does, so that none is at work in a mirror that nobody watches. */
const TIED_TO_RUNNER = ["setpriv", "--pdeathsig", "KILL", "--"];

/** What mirrors need of the runner. */
export interface MirrorDeps {
  readonly git: Git;
  readonly takeTurn: TakeTurn;
  readonly askpass: string;
  readonly credentials: Credentials;
  /** Folder of all mirrors. */
  readonly folder: string;
}

/** The mirror of one repository. */
export interface GitMirror {
  /** Unique among the mirrors, fit for a file name. */
  readonly name: string;
  readonly gitDir: string;
  /** Git on this mirror. */
  git(args: readonly string[], call?: GitCall): Promise<GitAnswer>;
  fetch(commits: readonly Sha[], signal: AbortSignal): Promise<void>;
  mergeBase(a: Sha, b: Sha): Promise<Sha | undefined>;
  treeOf(commit: Sha): Promise<Sha>;
  readFile(commit: Sha, path: string): Promise<string | undefined>;
  changedFiles(from: Sha, to: Sha): Promise<readonly ChangedFile[]>;
  /** Makes a commit of a tree that is here. */
  commitTree(tree: Sha, parent: Sha, message: string, env: Readonly<Record<string, string>>): Promise<Sha>;
  push(branch: string, commit: Sha, expected: Sha | undefined, signal: AbortSignal): Promise<void>;
}

function mirrorName(repository: RepositoryName, cloneUrl: string): string {
  const hash = createHash("sha256").update(cloneUrl).digest("hex").slice(0, 12);
  return `${repository.replace("/", "--")}-${hash}`;
}

/** What a killed git left: its locks, which would be in the way, and half of what it was writing. */
async function removeLeftovers(gitDir: string): Promise<void> {
  const entries = await readdir(gitDir, { recursive: true, withFileTypes: true });
  const dead = entries.filter((entry) => entry.isFile() && /\.lock$|^tmp_(?:pack|idx|obj|rev)_/.test(entry.name));
  for (const entry of dead) await rm(join(entry.parentPath, entry.name), { force: true });
}

async function make(git: Git, gitDir: string, objectFormat: string): Promise<void> {
  const made = `${gitDir}.${randomBytes(4).toString("hex")}.new`;
  await git(["init", "--quiet", "--bare", `--object-format=${objectFormat}`, made]);
  await mkdir(join(made, "objects", "info"), { recursive: true });
  await rename(made, gitDir);
}

function pin(commit: Sha): string {
  return `+${commit}:refs/steward/pin/${commit}`;
}

/** For servers that give no commit by its hash: everything that has a name. */
const ALL_NAMES = ["+refs/heads/*:refs/steward/heads/*", "+refs/pull/*/head:refs/steward/pulls/*"];

const FETCH = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--force", "--prune"];

/** Opens a mirror; it is made when something is first fetched. */
export async function openMirror(deps: MirrorDeps, repository: RepositoryName, cloneUrl: string): Promise<GitMirror> {
  const name = mirrorName(repository, cloneUrl);
  const gitDir = join(deps.folder, name);
  const git: GitMirror["git"] = (args, call = {}) => deps.git(args, { ...call, env: { GIT_DIR: gitDir, ...call.env } });
  const remote: GitMirror["git"] = (args, call = {}) => {
    const env = askpassEnvironment(deps.askpass, cloneUrl, deps.credentials);
    return git(args, { timeoutMs: NETWORK_TIMEOUT_MS, through: TIED_TO_RUNNER, ...call, env: { ...env, ...call.env } });
  };
  // What is here stays here: nothing is ever pruned.
  const presence = createCommitFacts<boolean>((isPresent) => isPresent);
  const trees = createCommitFacts<Sha>();
  const mergeBases = createCommitFacts<Sha | undefined>();
  const has = (commit: Sha) =>
    presence.know(commit, async () => {
      const { code } = await git(["cat-file", "-e", `${commit}^{commit}`], { answers: [0, 1, 128] });
      return code === 0;
    });
  const missing = async (commits: readonly Sha[]) => {
    const present = await Promise.all(commits.map(has));
    return commits.filter((_commit, index) => !present[index]);
  };
  if (existsSync(gitDir)) await removeLeftovers(gitDir);

  async function fetchMissing(commits: readonly Sha[], signal: AbortSignal): Promise<void> {
    if (!existsSync(gitDir)) {
      presence.clear();
      await make(deps.git, gitDir, objectFormatOf(commits[0]));
    }
    await utimes(gitDir, new Date(), new Date());
    const wanted = await missing(commits);
    if (wanted.length === 0) return;
    const byHash = await remote([...FETCH, "--no-prune", cloneUrl, ...wanted.map(pin)], {
      signal,
      answers: [0, 1, 128],
    });
    if (byHash.code === 0) return;
    await remote([...FETCH, cloneUrl, ...ALL_NAMES], { signal });
    const lost = await missing(commits);
    if (lost.length === 0) return;
    throw new RetryableError(
      "WORKSPACE_FAILED",
      `${repository} has no commit ${lost.join(", ")}: was its branch deleted?`,
    );
  }

  return {
    name,
    gitDir,
    git,
    fetch: (commits, signal) => deps.takeTurn(name, () => fetchMissing([...new Set(commits)], signal)),
    mergeBase: (a, b) =>
      mergeBases.know(`${a} ${b}`, async () => {
        const { code, text } = await git(["merge-base", a, b], { answers: [0, 1] });
        return code === 0 ? Sha.parse(text) : undefined;
      }),
    treeOf: (commit) =>
      trees.know(commit, async () => Sha.parse((await git(["rev-parse", "--verify", `${commit}^{tree}`])).text)),
    async readFile(commit, path) {
      const { text } = await git(["ls-tree", "-z", "-l", "--full-tree", commit, "--", path]);
      const [, type, hash, size] = /^100\d{3} (blob) ([0-9a-f]+) +(\d+)\t/.exec(text) ?? [];
      if (!type || !hash || Number(size) > MOST_FILE_BYTES) return undefined;
      return (await git(["cat-file", "blob", hash])).bytes.toString();
    },
    async changedFiles(from, to) {
      const options = ["--no-ext-diff", "--no-textconv", "--no-color", "--find-renames", "--unified=0", "--full-index"];
      const diff = await git(["diff-tree", "-r", "-z", "--raw", "-p", ...options, from, to]);
      return changedFilesFrom(diff.bytes);
    },
    async commitTree(tree, parent, message, env) {
      const made = await git(["commit-tree", "-p", parent, "-F", "-", tree], { input: message, env });
      const commit = Sha.parse(made.text);
      await git(["update-ref", `refs/steward/pin/${commit}`, commit]);
      return commit;
    },
    async push(branch, commit, expected, signal) {
      const ref = `refs/heads/${branch}`;
      const isName = await git(["check-ref-format", ref], { answers: [0, 1] });
      if (isName.code !== 0 || branch.startsWith("-")) throw refused(branch, "it is no name for a branch");
      if (expected && expected !== commit) {
        const ancestry = await git(["merge-base", "--is-ancestor", expected, commit], { answers: [0, 1] });
        if (ancestry.code !== 0) throw refused(branch, "the commit does not build on the branch");
      }
      const lease = `--force-with-lease=${ref}:${expected ?? ""}`;
      const args = ["push", "--porcelain", "--no-verify", "--no-signed", lease, cloneUrl, `${commit}:${ref}`];
      const answer = await remote(args, { signal, answers: [0, 1] });
      const refusal = answer.text.split("\n").find((line) => line.startsWith("!\t"));
      if (refusal) throw refused(branch, refusal.split("\t").slice(2).join(" "));
      if (answer.code !== 0)
        throw new RetryableError("WORKSPACE_FAILED", `the push of ${branch} failed: is the server there?`);
    },
  };
}

function refused(branch: string, reason: string): RetryableError {
  return new RetryableError("PUSH_REFUSED", `the push to ${branch} was refused: ${reason}`);
}
