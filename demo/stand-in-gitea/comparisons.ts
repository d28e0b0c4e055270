/** How the two sides of a pull request compare; remembered, because commits never change. */
import { GitError, git, tryGit } from "./git.ts";
import { EMPTY_TREE, listChanges } from "./git-repository.ts";
import { createMemory } from "./memory.ts";

/** How a head differs from a base. */
export interface Comparison {
  readonly mergeBase: string;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
  /** Commits of the head that the base lacks. */
  readonly ahead: number;
  /** The tree of the merge; `undefined` when it conflicts. */
  readonly mergedTree: string | undefined;
}

/** Compares two commits of a repository folder. */
export type Comparisons = (folder: string, base: string, head: string) => Promise<Comparison>;

async function mergeTree(folder: string, base: string, head: string): Promise<string | undefined> {
  try {
    const output = await git(folder, ["merge-tree", "--write-tree", base, head]);
    return output.split("\n")[0];
  } catch (error) {
    if (error instanceof GitError && error.code === 1) return undefined;
    throw error;
  }
}

async function compare(folder: string, base: string, head: string): Promise<Comparison> {
  const mergeBase = await tryGit(folder, ["merge-base", base, head]);
  const changes = await listChanges(folder, mergeBase ?? EMPTY_TREE, head);
  return {
    mergeBase: mergeBase ?? "",
    additions: changes.reduce((sum, change) => sum + change.additions, 0),
    deletions: changes.reduce((sum, change) => sum + change.deletions, 0),
    changedFiles: changes.length,
    ahead: Number(await git(folder, ["rev-list", "--count", `${base}..${head}`])),
    mergedTree: mergeBase ? await mergeTree(folder, base, head) : undefined,
  };
}

/** A `Comparisons` with its own memory. */
export function createComparisons(): Comparisons {
  const memory = createMemory<Comparison>();
  return (folder, base, head) => memory.recall(`${folder} ${base} ${head}`, () => compare(folder, base, head));
}
