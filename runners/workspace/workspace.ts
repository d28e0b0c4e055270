/**
 * The workspace port: bare mirrors, prepared checkouts, views of them, and the way back of an agent's work.
 *
 * Git runs here with a runner-owned GIT_DIR, no system or user configuration, no hooks, no filters, no attributes, and never
 * inside a folder that a job has written, but through a sandbox. The token reaches git by askpass from this process alone.
 * All methods may be called at the same time; those on one repository's mirror take turns where git needs it.
 * Failures are `RetryableError` WORKSPACE_FAILED with git's last lines (masked), or `RetryableError` PUSH_REFUSED.
 */
import type { RepositoryName, Sha } from "../../src/domain/ids.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";
import type { View } from "../sandbox/view.ts";

/** One file that differs between two commits. */
export interface ChangedFile {
  readonly path: string;
  /** Set when it was renamed. */
  readonly previousPath: string | undefined;
  readonly status: "added" | "modified" | "deleted" | "renamed";
  /** Line numbers (new side) that were added or changed. */
  readonly changedLines: readonly number[];
  /** Text of the added and of the removed lines, without their sign. Empty for binary files. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Something prepared that views are stacked on: a checkout's files or what set-up added to them. Immutable once made. */
export interface Layer {
  readonly folder: string;
}

/** What a runner does with one repository. */
export interface RepositoryWorkspace {
  /** The mirror has these commits now; fetched only when missing. */
  fetch(commits: readonly Sha[], signal: AbortSignal): Promise<void>;
  mergeBase(a: Sha, b: Sha): Promise<Sha | undefined>;
  treeOf(commit: Sha): Promise<Sha>;
  readFile(commit: Sha, path: string): Promise<string | undefined>;
  changedFiles(from: Sha, to: Sha): Promise<readonly ChangedFile[]>;
  /** The commit's files, prepared once and shared by all views of it. */
  checkout(commit: Sha): Promise<readonly Layer[]>;
  /**
   * The layer under this key, or what `build` adds to a view of `below`; built once however many ask at a time. It goes below
   * the checkout it is used with: files of the commit always win over what was there when the layer was built.
   */
  layer(
    key: string,
    below: readonly Layer[],
    build: (view: View) => Promise<void>,
    expose: readonly string[],
  ): Promise<Layer>;
  /** A view of the layers (lowest first) with an empty, size-limited upper side of its own. */
  openView(layers: readonly Layer[], expose: readonly string[]): Promise<View>;
  /**
   * Gives the view a `.git` of its own for the agent to look at and commit to, on `branch` at `commit`; objects come from the
   * mirror, read-only. Returns the host paths that must be readable in the sandbox.
   */
  preparing(branch: string): {
    readonly readable: readonly string[];
    prepare(view: View, commit: Sha, sandbox: SandboxDriver): Promise<void>;
  };
  /**
   * One commit of everything the view holds now (not `.git`, not what the repository ignores) on top of `parent`, staged
   * inside the sandbox with a runner-owned GIT_DIR. `undefined` when nothing changed.
   */
  commitView(
    view: View,
    commit: {
      readonly parent: Sha;
      readonly message: string;
      readonly sandbox: SandboxDriver;
      readonly signal: AbortSignal;
      /** Hears, in a sentence, what could not be taken along: files over the size limit, or unreadable ones. */
      readonly onLeftOut?: (sentence: string) => void;
    },
  ): Promise<Sha | undefined>;
  /** Pushes `commit` fast-forward: refused when the branch is not at `expected` any more (absent: must not exist). */
  push(branch: string, commit: Sha, expected: Sha | undefined, signal: AbortSignal): Promise<void>;
}

/** The repositories of a runner. */
export interface Workspaces {
  /** Opens (and on first use makes) the mirror of a repository. */
  open(repository: RepositoryName, cloneUrl: string): Promise<RepositoryWorkspace>;
  /** Says what most views will expose, so that they can be prepared. */
  prepareFor(expose: readonly string[]): void;
  /** A view of nothing, to probe a sandbox in. */
  openEmptyView(expose: readonly string[]): Promise<View>;
  /** What a runner says in `doctor` about views and their disk limit: `overlay, 1 GiB each` or `copies, disk: unlimited`. */
  describe(): string;
  /** Removes what a dead predecessor left and what has not been used for long. */
  sweep(): Promise<void>;
  /** Lets another process have the folder; nothing may be under way. */
  close(): Promise<void>;
}
