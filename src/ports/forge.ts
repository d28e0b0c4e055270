/**
 * The forge: what Steward reads from and writes to Gitea or Forgejo.
 *
 * Reading always asks the server; nothing is cached but what cannot change (own account) or is only ever added (labels).
 * Every `ensure…` is convergent: it looks first and changes only what differs, so any call may be repeated after a crash at
 * any instruction and ends in the same state. None of them is called twice at once for the same task.
 *
 * Failures: `RetryableError` FORGE_UNREACHABLE for timeouts, 429 and 5xx; `ParkError` FORGE_REFUSED for what a person
 * must allow first (the sentence names the missing right); `FatalError` for a token that is refused and for anything that
 * should not happen. A thing that is not there is `undefined`, never an error.
 */
import type { CommitStatus } from "../domain/commit-status.ts";
import type { IssueRef, RepositoryName, Sha } from "../domain/ids.ts";

/** A user of the forge; compare ids, names can change. */
export interface Account {
  readonly id: number;
  readonly login: string;
}

/** An issue as it is now. */
export interface Issue {
  readonly ref: IssueRef;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly author: Account;
  readonly assignees: readonly Account[];
  readonly labels: readonly string[];
  readonly isPull: boolean;
  readonly createdAt: number;
  /** Absent while it is open. */
  readonly closedAt?: number;
  readonly htmlUrl: string;
}

/** A comment of an issue or pull request. */
export interface Comment {
  readonly id: number;
  readonly author: Account;
  readonly body: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A pull request as it is now. */
export interface Pull {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly merged: boolean;
  /** Absent unless it was merged. */
  readonly mergedAt?: number;
  readonly draft: boolean;
  readonly base: string;
  readonly headBranch: string;
  readonly head: Sha;
  readonly author: Account;
  readonly htmlUrl: string;
}

/** A submitted review. */
export interface Review {
  readonly id: number;
  readonly author: Account;
  readonly state: "approved" | "changes-requested" | "commented";
  readonly body: string;
  readonly comments: readonly { readonly path: string; readonly line: number | undefined; readonly body: string }[];
}

/** A repository as it is now. */
export interface Repository {
  readonly name: RepositoryName;
  readonly defaultBranch: string;
  /** Without credentials. */
  readonly cloneUrl: string;
  readonly htmlUrl: string;
  readonly archived: boolean;
}

/** The newest timeline entry that assigned the bot. */
export interface Assignment {
  readonly id: number;
  readonly by: Account;
}

/** The newest time that a label came or went. */
export interface LabelChange {
  /** Of the timeline, which shares its ids with the comments. */
  readonly id: number;
  readonly by: Account;
  readonly added: boolean;
}

/** An issue that blocks another, from the forge's own dependencies. */
export interface ForgeBlocker {
  readonly ref: IssueRef;
  readonly title: string;
  readonly state: "open" | "closed";
}

/** `unknown`: the forge would not tell; treated as refused, and said so. */
export type Permission = "write" | "read" | "none" | "unknown";

export interface Forge {
  /** The bot's own account. */
  self(): Promise<Account>;
  readRepository(repository: RepositoryName): Promise<Repository | undefined>;
  readIssue(issue: IssueRef): Promise<Issue | undefined>;
  /** All comments of an issue or pull request, oldest first. */
  listComments(issue: IssueRef): Promise<readonly Comment[]>;
  lastAssignment(issue: IssueRef): Promise<Assignment | undefined>;
  /** What happened last to this label on the issue; by name, so a label that was renamed since has no past. */
  lastLabelChange(issue: IssueRef, label: string): Promise<LabelChange | undefined>;
  /** The forge's own dependencies; `undefined` when they cannot be read, `[]` where the repository has them off. */
  listBlockers(issue: IssueRef): Promise<readonly ForgeBlocker[] | undefined>;
  /** Open issues that are assigned to the bot in all repositories, page 1 first; an empty page ends. */
  listAssigned(page: number): Promise<readonly IssueRef[]>;
  /** The text of a file at a ref. */
  readFile(repository: RepositoryName, path: string, ref: string): Promise<string | undefined>;
  readBranch(repository: RepositoryName, branch: string): Promise<Sha | undefined>;
  /** The newest pull request from `head` into any base, open ones first. */
  findPull(repository: RepositoryName, head: string): Promise<Pull | undefined>;
  readPull(repository: RepositoryName, number: number): Promise<Pull | undefined>;
  listReviews(repository: RepositoryName, pull: number): Promise<readonly Review[]>;
  permissionOf(repository: RepositoryName, account: Account): Promise<Permission>;
  /** The newest status of each context. */
  listStatuses(repository: RepositoryName, sha: Sha): Promise<readonly CommitStatus[]>;

  /**
   * The bot's comment with this hidden key exists exactly once on the thread; its text is `body` when `edit` is set, else
   * whatever it was made with. Of several the oldest stays. Comments of other accounts with the same key are not ours.
   * Returns its id. `known` saves a look when the caller has just listed the thread.
   */
  ensureComment(
    issue: IssueRef,
    comment: { readonly key: string; readonly body: string; readonly edit: boolean },
    known?: readonly Comment[],
  ): Promise<number>;
  ensureReaction(repository: RepositoryName, comment: number, content: "rocket" | "confused"): Promise<void>;
  /** The labels exist in the repository (exclusive within their scope). */
  ensureRepositoryLabels(repository: RepositoryName, labels: readonly LabelDefinition[]): Promise<void>;
  /** Of `family`, exactly `wanted` (or none) is on the issue; other labels stay. `known` saves a look. */
  ensureIssueLabel(
    issue: IssueRef,
    wanted: string | undefined,
    family: readonly string[],
    known?: readonly string[],
  ): Promise<void>;
  /** The newest status of each context is as given; unchanged ones are not posted again. The last one is posted after all others. */
  ensureStatuses(repository: RepositoryName, sha: Sha, statuses: readonly CommitStatus[]): Promise<void>;
  /** The branch exists (its head is left alone when it does). */
  ensureBranch(repository: RepositoryName, branch: string, from: Sha): Promise<void>;
  /**
   * An open pull request from `head` into `base` exists; title and body are as given, `draft` by the forge's prefix. One that
   * somebody else opened keeps its title and its text; the body stands below it, once.
   */
  ensurePull(
    repository: RepositoryName,
    pull: {
      readonly head: string;
      readonly base: string;
      readonly title: string;
      readonly body: string;
      readonly draft: boolean;
    },
  ): Promise<Pull>;
  ensureAssignee(issue: IssueRef, login: string): Promise<void>;
  ensureReviewRequested(repository: RepositoryName, pull: number, logins: readonly string[]): Promise<void>;
}

/** A label as it is made in a repository. */
export interface LabelDefinition {
  readonly name: string;
  /** Six hex digits without `#`. */
  readonly color: string;
  readonly description: string;
}
