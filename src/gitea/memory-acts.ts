/** What people do on the forge in memory. */
import type { CommitStatus } from "../domain/commit-status.ts";
import { type IssueRef, RepositoryName, type Sha } from "../domain/ids.ts";
import type { Permission, Review } from "../ports/forge.ts";
import {
  accountOf,
  addComment,
  addThread,
  assign,
  commit,
  DEFAULT_BRANCH,
  editComment,
  filesAt,
  type MemoryRepository,
  type MemoryState,
  nextId,
  relabel,
  repositoryOf,
  threadOf,
} from "./memory-state.ts";

/** Acts of people; `by` is a login. */
export interface ForgeActs {
  /** A repository with files on `main`; the bot may administrate it. */
  addRepository(name: string, files?: Readonly<Record<string, string>>): Promise<RepositoryName>;
  setPermission(repository: RepositoryName, login: string, permission: "read" | "write"): Promise<void>;
  openIssue(
    repository: RepositoryName,
    issue: {
      readonly by: string;
      readonly title: string;
      readonly body?: string;
      readonly assignees?: readonly string[];
    },
  ): Promise<IssueRef>;
  /** Changes text or state. */
  editIssue(issue: IssueRef, by: string, change: IssueChange): Promise<void>;
  /** The assignees become exactly these. */
  setAssignees(issue: IssueRef, by: string, logins: readonly string[]): Promise<void>;
  /** The labels become exactly these; the repository gets those it does not have. */
  setLabels(issue: IssueRef, by: string, labels: readonly string[]): Promise<void>;
  addBlocker(issue: IssueRef, by: string, blocker: IssueRef): Promise<void>;
  comment(issue: IssueRef, by: string, body: string): Promise<number>;
  editComment(issue: IssueRef, by: string, comment: number, body: string): Promise<void>;
  /** Adds files to a branch, which begins at `main` when it is not there. */
  push(repository: RepositoryName, by: string, branch: string, files: Readonly<Record<string, string>>): Promise<Sha>;
  deleteBranch(repository: RepositoryName, by: string, branch: string): Promise<void>;
  openPull(
    repository: RepositoryName,
    pull: { readonly by: string; readonly head: string; readonly base: string; readonly title: string },
  ): Promise<number>;
  /** The pull request is for another branch from now on. */
  retarget(repository: RepositoryName, by: string, pull: number, base: string): Promise<void>;
  merge(repository: RepositoryName, by: string, pull: number): Promise<void>;
  review(repository: RepositoryName, by: string, pull: number, review: ReviewAct): Promise<number>;
  setStatus(repository: RepositoryName, by: string, sha: Sha, status: CommitStatus): Promise<void>;
  /** Who reacted how to a comment. */
  reactionsTo(
    repository: RepositoryName,
    comment: number,
  ): Promise<readonly { readonly login: string; readonly content: string }[]>;
  /** Logins that were asked for a review. */
  requestedReviewers(repository: RepositoryName, pull: number): Promise<readonly string[]>;
}

/** What a person changes of an issue. */
export interface IssueChange {
  readonly title?: string;
  readonly body?: string;
  readonly state?: "open" | "closed";
}

/** What a reviewer submits. */
export type ReviewAct = Pick<Review, "state" | "body"> & {
  readonly comments?: readonly { readonly path: string; readonly line: number; readonly body: string }[];
};

/** Acts on a state. */
export function createMemoryActs(state: MemoryState, self: string): ForgeActs {
  const by = (login: string) => accountOf(state, login);

  return {
    async addRepository(name, files = { "README.md": `# ${name}\n` }) {
      const repository = emptyRepository(RepositoryName.parse(name));
      commit(state, repository, DEFAULT_BRANCH, files);
      repository.permissions.set(by(self).id, "write");
      repository.permissions.set(by(name.split("/")[0] ?? "").id, "write");
      state.repositories.set(repository.name, repository);
      return repository.name;
    },
    async setPermission(repository, login, permission: Permission) {
      repositoryOf(state, repository).permissions.set(by(login).id, permission);
    },
    async openIssue(name, { by: login, title, body = "", assignees = [] }) {
      const thread = addThread(state, repositoryOf(state, name), { author: by(login), title, body, pull: undefined });
      assign(state, thread, by(login), assignees.map(by));
      return { repository: name, number: thread.number };
    },
    async editIssue(issue, _by, change) {
      const thread = threadOf(state, issue);
      if (change.state === "closed" && thread.state === "open") thread.closedAt = state.clock.now();
      Object.assign(thread, change);
    },
    async setAssignees(issue, login, logins) {
      assign(state, threadOf(state, issue), by(login), logins.map(by));
    },
    async setLabels(issue, login, labels) {
      for (const label of labels) repositoryOf(state, issue.repository).labels.add(label);
      relabel(state, threadOf(state, issue), by(login), [...labels]);
    },
    async addBlocker(issue, _by, blocker) {
      threadOf(state, issue).blockers.push(blocker);
    },
    comment: async (issue, login, body) => addComment(state, threadOf(state, issue), by(login), body),
    async editComment(issue, _by, id, body) {
      editComment(state, threadOf(state, issue), id, body);
    },
    async push(name, _by, branch, files) {
      const repository = repositoryOf(state, name);
      const before = filesAt(repository, branch) ?? filesAt(repository, DEFAULT_BRANCH);
      return commit(state, repository, branch, { ...before, ...files });
    },
    async deleteBranch(name, _by, branch) {
      const repository = repositoryOf(state, name);
      for (const thread of repository.threads) {
        if (thread.pull?.headBranch === branch && thread.state === "open") closePull(repository, thread.number);
      }
      repository.branches.delete(branch);
    },
    async openPull(name, { by: login, head, base, title }) {
      const repository = repositoryOf(state, name);
      const pull = {
        base,
        headBranch: head,
        head: headOf(repository, head),
        merged: false,
        mergedAt: undefined,
        reviews: [],
        requested: new Set<number>(),
      };
      return addThread(state, repository, { author: by(login), title, body: "", pull }).number;
    },
    async retarget(name, _by, number, base) {
      pullOf(repositoryOf(state, name), number).pull.base = base;
    },
    async merge(name, _by, number) {
      const repository = repositoryOf(state, name);
      const { pull, body } = closePull(repository, number);
      pull.merged = true;
      pull.mergedAt = state.clock.now();
      const files = { ...filesAt(repository, pull.base), ...filesAt(repository, pull.head) };
      commit(state, repository, pull.base, files);
      for (const [, closed] of body.matchAll(/\bCloses #(\d+)/gi)) {
        const issue = repository.threads.find((thread) => thread.number === Number(closed));
        if (issue?.state === "open") Object.assign(issue, { state: "closed", closedAt: state.clock.now() });
      }
    },
    async review(name, login, number, { state: verdict, body, comments = [] }) {
      const { pull } = pullOf(repositoryOf(state, name), number);
      const id = nextId(state);
      pull.requested.delete(by(login).id);
      pull.reviews.push({ id, author: by(login), state: verdict, body, comments });
      return id;
    },
    async setStatus(name, _by, sha, status) {
      const { statuses } = repositoryOf(state, name);
      statuses.set(sha, [...(statuses.get(sha) ?? []), status]);
    },
    reactionsTo: async (_name, comment) =>
      state.reactions
        .filter((reaction) => reaction.comment === comment)
        .map(({ login, content }) => ({ login, content })),
    async requestedReviewers(name, number) {
      const { requested } = pullOf(repositoryOf(state, name), number).pull;
      return [...state.accounts.values()].filter(({ id }) => requested.has(id)).map(({ login }) => login);
    },
  };
}

function emptyRepository(name: RepositoryName): MemoryRepository {
  return {
    name,
    branches: new Map(),
    commits: new Map(),
    threads: [],
    labels: new Set(),
    permissions: new Map(),
    statuses: new Map(),
  };
}

function headOf(repository: MemoryRepository, branch: string): Sha {
  const head = repository.branches.get(branch);
  if (!head) throw new Error(`there is no branch ${branch} in ${repository.name}`);
  return head;
}

function pullOf(repository: MemoryRepository, number: number) {
  const thread = repository.threads.find((candidate) => candidate.number === number);
  if (!thread?.pull) throw new Error(`there is no pull request ${repository.name}#${number}`);
  return { thread, pull: thread.pull, body: thread.body };
}

function closePull(repository: MemoryRepository, number: number) {
  const found = pullOf(repository, number);
  found.pull.head = repository.branches.get(found.pull.headBranch) ?? found.pull.head;
  found.thread.state = "closed";
  return found;
}
