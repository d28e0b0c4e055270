/** Reading a bare repository, and making one. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { git, gitBytes, tryGit } from "./git.ts";
import { createMemory } from "./memory.ts";

/** The hash that stands for "no commit". */
export const NO_COMMIT = "0".repeat(40);

/** Who a commit is by. */
export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** A commit as git tells it, times in UTC. */
export interface Commit {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly author: Identity;
  readonly authored: string;
  readonly committer: Identity;
  readonly committed: string;
  readonly message: string;
}

/** A file that a commit or a comparison changed. */
export interface FileChange {
  readonly path: string;
  readonly status: "added" | "modified" | "deleted";
  readonly additions: number;
  readonly deletions: number;
}

/** Refuses pushes to the branches that the server names in its environment. */
const UPDATE_HOOK = `#!/bin/sh
for branch in $STAND_IN_PROTECTED; do
  if [ "$1" = "refs/heads/$branch" ]; then
    echo "Gitea: Not allowed to push to protected branch $branch" >&2
    exit 1
  fi
done
`;

function fastImport(files: Readonly<Record<string, string>>, branch: string, author: Identity): Buffer {
  const seconds = Math.floor(Date.now() / 1000);
  const message = "Initial commit\n";
  const head = `commit refs/heads/${branch}\ncommitter ${author.name} <${author.email}> ${seconds} +0000\n`;
  const parts = [Buffer.from(`${head}data ${message.length}\n${message}`)];
  for (const [path, text] of Object.entries(files)) {
    const mode = text.startsWith("#!") ? "100755" : "100644";
    const content = Buffer.from(text);
    parts.push(Buffer.from(`M ${mode} inline ${JSON.stringify(path)}\ndata ${content.length}\n`), content);
    parts.push(Buffer.from("\n"));
  }
  return Buffer.concat(parts);
}

/** Makes a bare repository with one commit that holds these files. */
export async function createGitRepository(
  folder: string,
  first: { readonly files: Readonly<Record<string, string>>; readonly branch: string; readonly author: Identity },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await git(folder, ["init", "--quiet", "--bare", `--initial-branch=${first.branch}`, "."]);
  await git(folder, ["config", "http.receivepack", "true"]);
  await git(folder, ["config", "receive.hideRefs", "refs/pull"]);
  await git(folder, ["config", "uploadpack.allowAnySHA1InWant", "true"]);
  await git(folder, ["config", "gc.auto", "0"]);
  await mkdir(join(folder, "hooks"), { recursive: true });
  await writeFile(join(folder, "hooks", "update"), UPDATE_HOOK, { mode: 0o755 });
  await git(folder, ["fast-import", "--quiet"], { input: fastImport(first.files, first.branch, first.author) });
}

const FULL_HASH = /^[0-9a-f]{40}$/;
/** A branch's name that is a path below `refs/heads` and nothing else. */
const PLAIN_NAME = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/;

// A server has all of this at hand; here each answer would be a git process or three.
const knownCommits = createMemory<string | undefined>((sha) => sha !== undefined);
const readCommits = createMemory<Commit>();
const readBlobs = createMemory<Blob | undefined>();

/** The commit a branch, tag or hash stands for. */
export async function resolveCommit(folder: string, ref: string): Promise<string | undefined> {
  return FULL_HASH.test(ref)
    ? knownCommits.recall(`${folder} ${ref}`, () => askForCommit(folder, ref))
    : ((await looseBranch(folder, ref)) ?? askForCommit(folder, ref));
}

async function askForCommit(folder: string, ref: string): Promise<string | undefined> {
  const direct = FULL_HASH.test(ref) ? ref : `refs/heads/${ref}`;
  const names = [direct, `refs/tags/${ref}`, ref];
  for (const name of names) {
    const sha = await tryGit(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`]);
    if (sha) return sha;
  }
  return undefined;
}

/** The commit of a branch that is a file of its own, which counts more than git's list of packed ones. */
async function looseBranch(folder: string, branch: string): Promise<string | undefined> {
  if (!PLAIN_NAME.test(branch)) return undefined;
  const text = await readFile(join(folder, "refs", "heads", branch), "utf8").catch(() => "");
  return FULL_HASH.test(text.trim()) ? text.trim() : undefined;
}

/** The commit of a branch. */
export async function resolveBranch(folder: string, branch: string): Promise<string | undefined> {
  const loose = await looseBranch(folder, branch);
  if (loose !== undefined) return loose;
  return tryGit(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `refs/heads/${branch}^{commit}`]);
}

/** All branches and tags with the commits they stand for, newest commit first. */
export async function listRefs(folder: string): Promise<ReadonlyMap<string, string>> {
  const format = "%(refname) %(objectname)";
  const text = await git(folder, [
    "for-each-ref",
    "--sort=-committerdate",
    `--format=${format}`,
    "refs/heads",
    "refs/tags",
  ]);
  const pairs = text.split("\n").filter((line) => line !== "");
  return new Map(
    pairs.map((line): [string, string] => {
      const [name = "", sha = ""] = line.split(" ");
      return [name, sha];
    }),
  );
}

const COMMIT_FORMAT = "%H%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01";

function commitFrom(record: string): Commit {
  const [sha = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", message = ""] =
    record.split("\0");
  return {
    sha,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author: { name: an, email: ae },
    authored: utc(ad),
    committer: { name: cn, email: ce },
    committed: utc(cd),
    message: message.endsWith("\n") ? message : `${message}\n`,
  };
}

function utc(time: string): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** Commits of a range such as `a..b`, newest first. */
export async function listCommits(
  folder: string,
  range: string,
  ...limits: readonly string[]
): Promise<readonly Commit[]> {
  const text = await git(folder, ["log", `--format=${COMMIT_FORMAT}`, ...limits, "--end-of-options", range, "--"]);
  return text
    .split("\x01")
    .map((record) => record.replace(/^\n/, ""))
    .filter((record) => record !== "")
    .map(commitFrom);
}

/** One commit. */
export async function readCommit(folder: string, sha: string): Promise<Commit> {
  return FULL_HASH.test(sha) ? readCommits.recall(`${folder} ${sha}`, () => askGit(folder, sha)) : askGit(folder, sha);
}

async function askGit(folder: string, sha: string): Promise<Commit> {
  const [commit] = await listCommits(folder, sha, "-1");
  if (!commit) throw new Error(`no commit ${sha}`);
  return commit;
}

function statusFrom(letter: string): FileChange["status"] {
  if (letter === "A") return "added";
  return letter === "D" ? "deleted" : "modified";
}

/** What changed between two trees. */
export async function listChanges(folder: string, from: string, to: string): Promise<readonly FileChange[]> {
  const raw = await git(folder, ["diff-tree", "-r", "--no-renames", "-z", "--numstat", "--raw", from, to]);
  const fields = raw.split("\0");
  const statuses = new Map<string, FileChange["status"]>();
  const changes: FileChange[] = [];
  for (let i = 0; i < fields.length; i += 1) {
    const field = fields[i] ?? "";
    if (field.startsWith(":")) {
      statuses.set(fields[i + 1] ?? "", statusFrom(field.slice(-1)));
      i += 1;
      continue;
    }
    const [additions, deletions, path] = field.split("\t");
    if (path === undefined) continue;
    const status = statuses.get(path) ?? "modified";
    changes.push({ path, status, additions: Number(additions) || 0, deletions: Number(deletions) || 0 });
  }
  return changes;
}

/** The tree that the first commit of a history is compared with. */
export const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/** What a commit changed against its first parent. */
export async function listCommitChanges(folder: string, commit: Commit): Promise<readonly FileChange[]> {
  return listChanges(folder, commit.parents[0] ?? EMPTY_TREE, commit.sha);
}

interface Blob {
  readonly sha: string;
  readonly content: Buffer;
}

/** A file's content and hash at a commit. */
export async function readBlob(folder: string, commit: string, path: string): Promise<Blob | undefined> {
  const read = () => askForBlob(folder, commit, path);
  return FULL_HASH.test(commit) ? readBlobs.recall(`${folder} ${commit}:${path}`, read) : read();
}

async function askForBlob(folder: string, commit: string, path: string): Promise<Blob | undefined> {
  const sha = await tryGit(folder, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${commit}:${path}`]);
  if (!sha || (await tryGit(folder, ["cat-file", "-t", sha])) !== "blob") return undefined;
  return { sha, content: await gitBytes(folder, ["cat-file", "blob", sha]) };
}
