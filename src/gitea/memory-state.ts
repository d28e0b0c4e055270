/** What the forge in memory holds. */

import { createHash } from "node:crypto";
import type { CommitStatus } from "../domain/commit-status.ts";
import { type IssueRef, RepositoryName, Sha } from "../domain/ids.ts";
import type { Clock } from "../lib/clock.ts";
import type { Account, Assignment, Comment, LabelChange, Permission, Review } from "../ports/forge.ts";

/** What a thread has when it is a pull request. */
export interface MemoryPull {
  base: string;
  readonly headBranch: string;
  /** Of the branch while it is open and there, then what it was last. */
  head: Sha;
  merged: boolean;
  mergedAt: number | undefined;
  readonly reviews: Review[];
  readonly requested: Set<number>;
}

/** An issue or a pull request. */
export interface MemoryThread {
  readonly number: number;
  readonly author: Account;
  readonly createdAt: number;
  readonly comments: Comment[];
  readonly assignments: (Assignment & { readonly assignee: number })[];
  readonly labelChanges: (LabelChange & { readonly label: string })[];
  readonly blockers: IssueRef[];
  readonly pull: MemoryPull | undefined;
  title: string;
  body: string;
  state: "open" | "closed";
  closedAt: number | undefined;
  assignees: readonly Account[];
  labels: readonly string[];
}

/** A repository in memory. */
export interface MemoryRepository {
  readonly name: RepositoryName;
  readonly branches: Map<string, Sha>;
  /** The files of every commit. */
  readonly commits: Map<Sha, Readonly<Record<string, string>>>;
  readonly threads: MemoryThread[];
  readonly labels: Set<string>;
  readonly permissions: Map<number, Permission>;
  readonly statuses: Map<Sha, CommitStatus[]>;
}

/** Who reacted how. */
export interface MemoryReaction {
  readonly comment: number;
  readonly login: string;
  readonly content: string;
}

export interface MemoryState {
  readonly clock: Clock;
  readonly accounts: Map<string, Account>;
  readonly repositories: Map<RepositoryName, MemoryRepository>;
  readonly reactions: MemoryReaction[];
  /** Ids and hashes come from here. */
  counter: number;
}

/** The branch of a new repository. */
export const DEFAULT_BRANCH = "main";

/** A number that was not given out before. */
export function nextId(state: MemoryState): number {
  state.counter += 1;
  return state.counter;
}

function nextSha(state: MemoryState): Sha {
  return Sha.parse(
    createHash("sha1")
      .update(`${nextId(state)}`)
      .digest("hex"),
  );
}

/** The account of a name, in any case; it is made when nobody has asked before. */
export function accountOf(state: MemoryState, login: string): Account {
  const key = login.toLowerCase();
  const known = state.accounts.get(key) ?? { id: nextId(state), login };
  state.accounts.set(key, known);
  return known;
}

/** A repository that is there. */
export function repositoryOf(state: MemoryState, name: string): MemoryRepository {
  const repository = state.repositories.get(RepositoryName.parse(name));
  if (!repository) throw new Error(`there is no repository ${name}`);
  return repository;
}

/** A thread, if it is there. */
export function findThread(state: MemoryState, ref: IssueRef): MemoryThread | undefined {
  return state.repositories.get(ref.repository)?.threads.find(({ number }) => number === ref.number);
}

/** A thread that is there. */
export function threadOf(state: MemoryState, ref: IssueRef): MemoryThread {
  const thread = findThread(state, ref);
  if (!thread) throw new Error(`there is no issue ${ref.repository}#${ref.number}`);
  return thread;
}

/** A new thread at the end of a repository. */
export function addThread(
  state: MemoryState,
  repository: MemoryRepository,
  thread: Pick<MemoryThread, "author" | "title" | "body" | "pull">,
): MemoryThread {
  const made: MemoryThread = {
    ...thread,
    number: repository.threads.length + 1,
    createdAt: state.clock.now(),
    comments: [],
    assignments: [],
    labelChanges: [],
    blockers: [],
    state: "open",
    closedAt: undefined,
    assignees: [],
    labels: [],
  };
  repository.threads.push(made);
  return made;
}

/** A new commit at the head of a branch. */
export function commit(
  state: MemoryState,
  repository: MemoryRepository,
  branch: string,
  files: Readonly<Record<string, string>>,
): Sha {
  const sha = nextSha(state);
  repository.commits.set(sha, files);
  repository.branches.set(branch, sha);
  return sha;
}

/** The files at a branch or a commit. */
export function filesAt(repository: MemoryRepository, ref: string): Readonly<Record<string, string>> | undefined {
  const head = repository.branches.get(ref);
  return head ? repository.commits.get(head) : [...repository.commits].find(([sha]) => sha === ref)?.[1];
}

/** A new comment at the end of a thread. */
export function addComment(state: MemoryState, thread: MemoryThread, author: Account, body: string): number {
  const [id, now] = [nextId(state), state.clock.now()];
  thread.comments.push({ id, author, body, createdAt: now, updatedAt: now });
  return id;
}

/** Gives a comment another text. */
export function editComment(state: MemoryState, thread: MemoryThread, id: number, body: string): void {
  const at = thread.comments.findIndex((comment) => comment.id === id);
  const comment = thread.comments[at];
  if (!comment) throw new Error(`there is no comment ${id}`);
  thread.comments[at] = { ...comment, body, updatedAt: state.clock.now() };
}

/** The assignees become these; who came is noted with who did it. */
export function assign(state: MemoryState, thread: MemoryThread, by: Account, assignees: readonly Account[]): void {
  const known = new Set(thread.assignees.map(({ id }) => id));
  thread.assignees = assignees;
  for (const { id } of assignees) {
    if (!known.has(id)) thread.assignments.push({ id: nextId(state), by, assignee: id });
  }
}

/** The labels become these; what came and went is noted with who did it. */
export function relabel(state: MemoryState, thread: MemoryThread, by: Account, labels: readonly string[]): void {
  const gone = thread.labels.filter((label) => !labels.includes(label));
  const come = labels.filter((label) => !thread.labels.includes(label));
  thread.labels = labels;
  for (const label of gone) thread.labelChanges.push({ id: nextId(state), by, label, added: false });
  for (const label of come) thread.labelChanges.push({ id: nextId(state), by, label, added: true });
}
