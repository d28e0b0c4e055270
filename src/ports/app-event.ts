/**
 * Events as handlers get them: GitHub's names, actions and shapes, of which only what Gitea can fill.
 *
 * An event says that something happened, not what is true now: it may come late, twice, out of order or never. Gitea does not
 * tell whom an (un)assignment or which label a change of labels is about, and its label lists may be stale: such events carry
 * no `assignee` and no `label`, and handlers read the present state from the forge.
 */
import type { RepositoryName } from "../domain/ids.ts";

/** An account in an event. */
export interface EventUser {
  readonly id: number;
  readonly login: string;
}

/** The repository of an event. */
export interface EventRepository {
  readonly id: number;
  readonly name: string;
  readonly full_name: RepositoryName;
  readonly owner: EventUser;
  readonly default_branch: string;
  readonly html_url: string;
  readonly private: boolean;
  readonly archived: boolean;
}

/** A label in an event. */
export interface EventLabel {
  readonly id: number;
  readonly name: string;
}

/** An issue, or a pull request seen as one (then `pull_request` is there). */
export interface EventIssue {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly locked: boolean;
  readonly user: EventUser;
  readonly assignees: readonly EventUser[];
  readonly labels: readonly EventLabel[];
  readonly html_url: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly pull_request?: { readonly merged: boolean };
}

/** A comment in an event. */
export interface EventComment {
  readonly id: number;
  readonly body: string;
  readonly user: EventUser;
  readonly html_url: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** A pull request in an event. */
export interface EventPullRequest {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly draft: boolean;
  readonly merged: boolean;
  readonly merge_commit_sha: string | null;
  readonly user: EventUser;
  readonly assignees: readonly EventUser[];
  readonly labels: readonly EventLabel[];
  readonly head: { readonly ref: string; readonly sha: string };
  readonly base: { readonly ref: string; readonly sha: string };
  readonly html_url: string;
  readonly created_at: string;
  readonly updated_at: string;
}

/** What an edit replaced. */
export interface EventChanges {
  readonly title?: { readonly from: string };
  readonly body?: { readonly from: string };
}

interface BasePayload {
  readonly repository: EventRepository;
  readonly sender: EventUser;
}

interface IssuesPayload extends BasePayload {
  readonly action:
    | "opened"
    | "closed"
    | "reopened"
    | "edited"
    | "deleted"
    | "assigned"
    | "unassigned"
    | "labeled"
    | "unlabeled"
    | "milestoned"
    | "demilestoned";
  readonly issue: EventIssue;
  readonly changes?: EventChanges;
}

interface IssueCommentPayload extends BasePayload {
  readonly action: "created" | "edited" | "deleted";
  readonly issue: EventIssue;
  readonly comment: EventComment;
  readonly changes?: EventChanges;
}

interface PullRequestPayload extends BasePayload {
  readonly action:
    | "opened"
    | "closed"
    | "reopened"
    | "edited"
    | "assigned"
    | "unassigned"
    | "labeled"
    | "unlabeled"
    | "milestoned"
    | "demilestoned"
    | "synchronize"
    | "review_requested"
    | "review_request_removed"
    | "converted_to_draft"
    | "ready_for_review";
  readonly number: number;
  readonly pull_request: EventPullRequest;
  readonly changes?: EventChanges;
}

interface PullRequestReviewPayload extends BasePayload {
  readonly action: "submitted";
  readonly pull_request: EventPullRequest;
  /** Without an id: Gitea does not send one. */
  readonly review: {
    readonly state: "approved" | "changes_requested" | "commented";
    readonly body: string;
    readonly user: EventUser;
  };
}

interface PushPayload extends BasePayload {
  /** In full: `refs/heads/…` or `refs/tags/…`. */
  readonly ref: string;
  readonly before: string;
  readonly after: string;
  readonly pusher: EventUser;
}

interface RefPayload extends BasePayload {
  /** The short name, without `refs/heads/`. */
  readonly ref: string;
  readonly ref_type: "branch" | "tag";
}

interface StatusPayload extends BasePayload {
  readonly sha: string;
  readonly context: string;
  readonly state: string;
  readonly description: string;
  readonly target_url: string;
}

interface RepositoryPayload extends BasePayload {
  readonly action: "created" | "deleted";
}

/** The payload of each event, by GitHub's name of the event. */
export interface EventPayloads {
  readonly issues: IssuesPayload;
  readonly issue_comment: IssueCommentPayload;
  readonly pull_request: PullRequestPayload;
  readonly pull_request_review: PullRequestReviewPayload;
  readonly push: PushPayload;
  readonly create: RefPayload;
  readonly delete: RefPayload;
  readonly status: StatusPayload;
  readonly repository: RepositoryPayload;
}

type ActionOf<Name extends keyof EventPayloads> = EventPayloads[Name] extends {
  readonly action: infer Action extends string;
}
  ? Action
  : never;

/** What a handler can be registered for: `issues`, `issues.assigned`, `push`, … */
export type EventName = {
  [Name in keyof EventPayloads]: Name | `${Name}.${ActionOf<Name>}`;
}[keyof EventPayloads];

/** The payload that a handler for this name gets. */
export type EventPayload<Name extends EventName> =
  Name extends `${infer Event extends keyof EventPayloads}.${infer Action}`
    ? EventPayloads[Event] & { readonly action: Action }
    : Name extends keyof EventPayloads
      ? EventPayloads[Name]
      : never;

/** One thing that happened; `id` is the id of the delivery that told. */
export type AppEvent = {
  [Name in keyof EventPayloads]: { readonly id: string; readonly name: Name; readonly payload: EventPayloads[Name] };
}[keyof EventPayloads];
