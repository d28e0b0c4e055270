/** The forge port in memory, with acts of people beside it: for scenario tests and the contract suite. */

import { hasCommentKey } from "../domain/comment-key.ts";
import type { CommitStatus } from "../domain/commit-status.ts";
import { FatalError, ParkError } from "../domain/errors.ts";
import type { IssueRef, RepositoryName } from "../domain/ids.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Forge, Issue, Pull } from "../ports/forge.ts";
import { isDraftTitle } from "./draft-title.ts";
import { createMemoryActs, type ForgeActs } from "./memory-acts.ts";
import {
  accountOf,
  addComment,
  addThread,
  assign,
  DEFAULT_BRANCH,
  editComment,
  filesAt,
  findThread,
  type MemoryRepository,
  type MemoryState,
  type MemoryThread,
  relabel,
  repositoryOf,
  threadOf,
} from "./memory-state.ts";
import { foreignPullWords, ownPullWords } from "./pull-words.ts";

const ASSIGNED_PAGE_SIZE = 50;
const HOST = "https://forge.test";

export interface MemoryForge {
  readonly forge: Forge;
  readonly acts: ForgeActs;
}

/** An empty forge; `self` is the bot's login. */
export function createMemoryForge({
  self = "steward",
  clock = systemClock,
}: {
  readonly self?: string;
  readonly clock?: Clock;
} = {}): MemoryForge {
  const state: MemoryState = { clock, accounts: new Map(), repositories: new Map(), reactions: [], counter: 0 };
  accountOf(state, self);
  const forge = { ...readers(state, self), ...threadWriters(state, self), ...pullWriters(state, self) };
  return { forge, acts: createMemoryActs(state, self) };
}

type Writers = "ensureComment" | "ensureReaction" | "ensureRepositoryLabels" | "ensureIssueLabel" | "ensureAssignee";
type PullWriters = "ensureStatuses" | "ensureBranch" | "ensurePull" | "ensureReviewRequested";

function readers(state: MemoryState, self: string): Omit<Forge, Writers | PullWriters> {
  return {
    self: async () => accountOf(state, self),
    async readRepository(name) {
      if (!state.repositories.has(name)) return undefined;
      const url = `${HOST}/${name}`;
      return { name, defaultBranch: DEFAULT_BRANCH, cloneUrl: `${url}.git`, htmlUrl: url, archived: false };
    },
    async readIssue(ref) {
      const thread = findThread(state, ref);
      return thread && issueFrom(ref, thread);
    },
    listComments: async (ref) => [...(findThread(state, ref)?.comments ?? [])],
    async lastAssignment(ref) {
      const { id } = accountOf(state, self);
      const last = findThread(state, ref)?.assignments.findLast(({ assignee }) => assignee === id);
      return last && { id: last.id, by: last.by };
    },
    async lastLabelChange(ref, name) {
      const last = findThread(state, ref)?.labelChanges.findLast(({ label }) => label === name);
      return last && { id: last.id, by: last.by, added: last.added };
    },
    async listBlockers(ref) {
      return findThread(state, ref)?.blockers.map((blocker) => {
        const { title, state: blockerState } = threadOf(state, blocker);
        return { ref: blocker, title, state: blockerState };
      });
    },
    async listAssigned(page) {
      const { id } = accountOf(state, self);
      const all = [...state.repositories.values()].flatMap(({ name, threads }) =>
        threads.filter((thread) => isAssignedIssue(thread, id)).map(({ number }) => ({ repository: name, number })),
      );
      return all.slice((page - 1) * ASSIGNED_PAGE_SIZE, page * ASSIGNED_PAGE_SIZE);
    },
    async readFile(name, path, ref) {
      const repository = state.repositories.get(name);
      return repository && filesAt(repository, ref)?.[path];
    },
    readBranch: async (name, branch) => state.repositories.get(name)?.branches.get(branch),
    async findPull(name, head) {
      const repository = state.repositories.get(name);
      const pulls = repository?.threads.filter(({ pull }) => pull?.headBranch === head) ?? [];
      const found = pulls.findLast((thread) => thread.state === "open") ?? pulls.at(-1);
      return repository && found && pullFrom(repository, found);
    },
    async readPull(name, number) {
      const repository = state.repositories.get(name);
      const thread = repository?.threads.find((candidate) => candidate.number === number);
      return repository && thread?.pull && pullFrom(repository, thread);
    },
    async listReviews(name, number) {
      return [...(findThread(state, { repository: name, number })?.pull?.reviews ?? [])];
    },
    permissionOf: async (name, { id }) => repositoryOf(state, name).permissions.get(id) ?? "none",
    async listStatuses(name, sha) {
      return newestOfEach(state.repositories.get(name)?.statuses.get(sha) ?? []);
    },
  };
}

function threadWriters(state: MemoryState, self: string): Pick<Forge, Writers> {
  return {
    async ensureComment(ref, { key, body, edit }) {
      const thread = threadOf(state, ref);
      const own = thread.comments.filter(
        (comment) => comment.author.id === accountOf(state, self).id && hasCommentKey(comment.body, key),
      );
      const [oldest, ...others] = own;
      for (const { id } of others)
        thread.comments.splice(
          thread.comments.findIndex((c) => c.id === id),
          1,
        );
      if (!oldest) return addComment(state, thread, accountOf(state, self), body);
      if (edit && oldest.body !== body) editComment(state, thread, oldest.id, body);
      return oldest.id;
    },
    async ensureReaction(_repository, comment, content) {
      const isIt = (reaction: (typeof state.reactions)[number]) =>
        reaction.comment === comment && reaction.login === self && reaction.content === content;
      if (!state.reactions.some(isIt)) state.reactions.push({ comment, login: self, content });
    },
    async ensureRepositoryLabels(name, labels) {
      for (const label of labels) repositoryOf(state, name).labels.add(label.name);
    },
    async ensureIssueLabel(ref, wanted, family) {
      const thread = threadOf(state, ref);
      const others = thread.labels.filter((label) => !family.includes(label));
      relabel(state, thread, accountOf(state, self), wanted === undefined ? others : [...others, wanted]);
    },
    async ensureAssignee(ref, login) {
      const thread = threadOf(state, ref);
      if (!state.accounts.has(login.toLowerCase())) {
        throw new ParkError("FORGE_REFUSED", `The account \`${login}\` cannot be assigned in ${ref.repository}.`);
      }
      const account = accountOf(state, login);
      if (thread.assignees.some(({ id }) => id === account.id)) return;
      assign(state, thread, accountOf(state, self), [...thread.assignees, account]);
    },
  };
}

function pullWriters(state: MemoryState, self: string): Pick<Forge, PullWriters> {
  return {
    async ensureStatuses(name, sha, wanted) {
      const { statuses } = repositoryOf(state, name);
      for (const status of wanted) {
        const posted = statuses.get(sha) ?? [];
        const present = posted.findLast(({ context }) => context === status.context);
        if (JSON.stringify(present) !== JSON.stringify(status)) statuses.set(sha, [...posted, status]);
      }
    },
    async ensureBranch(name, branch, from) {
      const { branches } = repositoryOf(state, name);
      if (!branches.has(branch)) branches.set(branch, from);
    },
    async ensurePull(name, { head, base, title, body, draft }) {
      const repository = repositoryOf(state, name);
      const present = repository.threads.find(
        (thread) => thread.pull?.headBranch === head && thread.pull.base === base && thread.state === "open",
      );
      const thread = present ?? openPull(state, repository, self, { head, base });
      const isOwn = thread.author.id === accountOf(state, self).id;
      const words = isOwn ? ownPullWords({ title, body }, draft) : foreignPullWords(thread, { title, body }, draft);
      Object.assign(thread, words);
      return pullFrom(repository, thread);
    },
    async ensureReviewRequested(name, number, logins) {
      const { pull, author } = threadOf(state, { repository: name, number });
      for (const { id } of logins.map((login) => accountOf(state, login))) {
        const hasReviewed = pull?.reviews.some((review) => review.author.id === id) === true;
        if (id !== author.id && !hasReviewed) pull?.requested.add(id);
      }
    },
  };
}

function openPull(
  state: MemoryState,
  repository: MemoryRepository,
  self: string,
  at: { head: string; base: string },
): MemoryThread {
  const head = repository.branches.get(at.head);
  if (head === undefined || head === repository.branches.get(at.base)) {
    throw new FatalError("FORGE_CONFLICT", `There is nothing to open a pull request for on ${at.head}.`);
  }
  const pull = {
    base: at.base,
    headBranch: at.head,
    head,
    merged: false,
    mergedAt: undefined,
    reviews: [],
    requested: new Set<number>(),
  };
  return addThread(state, repository, { author: accountOf(state, self), title: "", body: "", pull });
}

function isAssignedIssue(thread: MemoryThread, id: number): boolean {
  return !thread.pull && thread.state === "open" && thread.assignees.some((assignee) => assignee.id === id);
}

function issueFrom(ref: IssueRef, thread: MemoryThread): Issue {
  const { title, body, state, author, assignees, labels, createdAt, closedAt, pull, number } = thread;
  const htmlUrl = `${HOST}/${ref.repository}/${pull ? "pulls" : "issues"}/${number}`;
  const closed = state === "closed" && closedAt !== undefined ? { closedAt } : {};
  const isPull = pull !== undefined;
  return { ref, title, body, state, author, assignees, labels, createdAt, ...closed, isPull, htmlUrl };
}

function pullFrom(repository: MemoryRepository, thread: MemoryThread): Pull {
  const { number, title, body, state, author, pull } = thread;
  if (!pull) throw new Error(`${repository.name}#${number} is no pull request`);
  const { merged, mergedAt, base, headBranch } = pull;
  const head = (state === "open" ? repository.branches.get(headBranch) : undefined) ?? pull.head;
  const htmlUrl = urlOfPull(repository.name, number);
  const about = { number, title, body, state, draft: isDraftTitle(title), base, headBranch, head, author, htmlUrl };
  return { ...about, merged, ...(mergedAt === undefined ? {} : { mergedAt }) };
}

function urlOfPull(repository: RepositoryName, number: number): string {
  return `${HOST}/${repository}/pulls/${number}`;
}

function newestOfEach(statuses: readonly CommitStatus[]): readonly CommitStatus[] {
  return [...new Map(statuses.map((status) => [status.context, status])).values()];
}
