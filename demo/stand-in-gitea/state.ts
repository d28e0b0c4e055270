/** Everything the stand-in knows, as plain data that can be written to a file and read back. */

/** What a collaborator may do. */
export type Access = "read" | "write" | "admin";

/** A person, a bot or an organisation; they share one row of ids, as in Gitea. */
export interface User {
  readonly id: number;
  readonly login: string;
  readonly kind: "person" | "bot" | "organization";
  readonly admin: boolean;
  readonly email: string;
  readonly created: string;
  mustChangePassword: boolean;
}

/** An access token; `scopes: null` means all. */
export interface Token {
  readonly value: string;
  readonly userId: number;
  readonly scopes: readonly string[] | null;
}

/** A repository; its git folder is named by the id. */
export interface Repository {
  readonly id: number;
  readonly ownerId: number;
  name: string;
  private: boolean;
  archived: boolean;
  readonly defaultBranch: string;
  readonly created: string;
  updated: string;
  nextNumber: number;
  /** Access of collaborators by user id. */
  readonly collaborators: Record<string, Access>;
}

/** What makes an issue a pull request. */
export interface Pull {
  readonly id: number;
  readonly head: string;
  base: string;
  headSha: string;
  baseSha: string;
  merged: boolean;
  mergedAt: string | null;
  mergeCommit: string | null;
  mergedById: number | null;
  /** Style of a merge that waits for green checks, and who asked for it. */
  scheduled: { readonly style: string; readonly doerId: number } | null;
}

/** An issue or pull request; they share one row of numbers. */
export interface Issue {
  readonly id: number;
  readonly repositoryId: number;
  readonly number: number;
  readonly posterId: number;
  title: string;
  body: string;
  contentVersion: number;
  state: "open" | "closed";
  locked: boolean;
  labelIds: number[];
  assigneeIds: number[];
  milestoneId: number | null;
  readonly created: string;
  updated: string;
  closed: string | null;
  readonly pull: Pull | null;
}

/** One line of a thread: a comment or anything else that happened. */
export interface Entry {
  readonly id: number;
  readonly issueId: number;
  readonly type: string;
  readonly userId: number;
  body: string;
  readonly created: string;
  updated: string;
  readonly labelId?: number;
  readonly assigneeId?: number;
  readonly removedAssignee?: boolean;
  readonly oldTitle?: string;
  readonly newTitle?: string;
  readonly otherIssueId?: number;
  readonly refAction?: "none" | "closes" | "reopens";
  readonly commit?: string;
  readonly milestoneId?: number;
  readonly oldMilestoneId?: number;
  readonly reviewId?: number;
}

/** A label of a repository. */
export interface Label {
  readonly id: number;
  readonly repositoryId: number;
  readonly name: string;
  readonly color: string;
  readonly description: string;
  readonly exclusive: boolean;
}

/** A milestone of a repository. */
export interface Milestone {
  readonly id: number;
  readonly repositoryId: number;
  readonly title: string;
  readonly description: string;
  readonly created: string;
}

/** `issueId` cannot be closed before `blockerId`. */
export interface Dependency {
  readonly issueId: number;
  readonly blockerId: number;
}

/** Of a comment when `entryId` is set, else of the issue itself. */
export interface Reaction {
  readonly issueId: number;
  readonly entryId: number | null;
  readonly userId: number;
  readonly content: string;
  readonly created: string;
}

/** A comment on a line, made in a review. */
export interface ReviewComment {
  readonly id: number;
  readonly path: string;
  readonly body: string;
  readonly newPosition: number;
  readonly oldPosition: number;
}

/** A review, or a request for one. */
export interface Review {
  readonly id: number;
  readonly issueId: number;
  readonly userId: number;
  state: "APPROVED" | "REQUEST_CHANGES" | "COMMENT" | "PENDING" | "REQUEST_REVIEW";
  readonly body: string;
  readonly commit: string;
  official: boolean;
  dismissed: boolean;
  readonly entryId: number | null;
  readonly submitted: string;
  updated: string;
  readonly comments: readonly ReviewComment[];
}

/** A commit status; `index` counts within the commit. */
export interface Status {
  readonly id: number;
  readonly index: number;
  readonly repositoryId: number;
  readonly sha: string;
  readonly state: string;
  readonly context: string;
  readonly description: string;
  readonly targetUrl: string;
  readonly creatorId: number;
  readonly created: string;
}

/** A hook of a repository, an organisation or the whole server. */
export interface Hook {
  readonly id: number;
  readonly scope: "repository" | "organization" | "system";
  readonly repositoryId: number | null;
  readonly ownerId: number | null;
  readonly type: string;
  url: string;
  contentType: "json" | "form";
  readonly secret: string;
  events: string[];
  branchFilter: string;
  authorizationHeader: string;
  active: boolean;
  readonly created: string;
  updated: string;
}

/** The rule of a protected branch. */
export interface Protection {
  readonly repositoryId: number;
  readonly name: string;
  readonly enablePush: boolean;
  readonly enableStatusCheck: boolean;
  readonly contexts: readonly string[];
  readonly created: string;
}

/** An event on its way to one hook; `body` is the JSON that the signature covers. */
export interface Delivery {
  readonly id: number;
  readonly uuid: string;
  readonly hookId: number;
  readonly event: string;
  readonly eventType: string;
  readonly body: string;
  readonly queuedAt: number;
}

/** Where a renamed repository is found now. */
export interface Redirect {
  readonly from: string;
  readonly repositoryId: number;
}

/** Everything on the server but git's objects. */
export interface State {
  readonly lastIds: Record<string, number>;
  readonly users: User[];
  readonly tokens: Token[];
  repositories: Repository[];
  readonly redirects: Redirect[];
  issues: Issue[];
  entries: Entry[];
  labels: Label[];
  readonly milestones: Milestone[];
  dependencies: Dependency[];
  reactions: Reaction[];
  reviews: Review[];
  readonly statuses: Status[];
  hooks: Hook[];
  protections: Protection[];
  /** Deliveries that were not tried yet; what was tried once is never tried again. */
  waiting: Delivery[];
}

/** A server on which nothing has happened. */
export function createEmptyState(): State {
  return {
    lastIds: {},
    users: [],
    tokens: [],
    repositories: [],
    redirects: [],
    issues: [],
    entries: [],
    labels: [],
    milestones: [],
    dependencies: [],
    reactions: [],
    reviews: [],
    statuses: [],
    hooks: [],
    protections: [],
    waiting: [],
  };
}

/** The next id of a kind; ids are never used twice. */
export function nextId(state: State, kind: string): number {
  const id = (state.lastIds[kind] ?? 0) + 1;
  state.lastIds[kind] = id;
  return id;
}
