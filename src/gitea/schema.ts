/** The fields of Gitea's webhook payloads that we read, turned into GitHub's shape. */
import { z } from "zod";
import { RepositoryName } from "../domain/ids.ts";
import { actionFrom } from "./event-name.ts";
import { unixLines } from "./unix-lines.ts";

const Body = z
  .string()
  .nullish()
  .transform((text) => unixLines(text ?? ""));
const User = z.object({ id: z.number().int(), login: z.string() });
const Label = z.object({ id: z.number().int(), name: z.string() });
const State = z.enum(["open", "closed"]);

/** Gitea writes an empty list as `null` in some places. */
function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);
}

function action<Action extends string>(...actions: readonly Action[]) {
  return z.string().transform(actionFrom).pipe(z.enum(actions));
}

const Repository = z.object({
  id: z.number().int(),
  name: z.string(),
  full_name: RepositoryName,
  owner: User,
  default_branch: z.string(),
  html_url: z.string(),
  private: z.boolean(),
  archived: z.boolean(),
});

const Issue = z
  .object({
    id: z.number().int(),
    number: z.number().int().positive(),
    title: z.string(),
    body: Body,
    state: State,
    is_locked: z.boolean(),
    user: User,
    assignees: listOf(User),
    labels: listOf(Label),
    html_url: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    pull_request: z.object({ merged: z.boolean() }).nullish(),
  })
  .transform(({ is_locked: locked, pull_request, ...issue }) => ({
    ...issue,
    locked,
    ...(pull_request ? { pull_request } : {}),
  }));

const Comment = z.object({
  id: z.number().int(),
  body: Body,
  user: User,
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});

const Branch = z.object({ ref: z.string(), sha: z.string() });

const PullRequest = z.object({
  id: z.number().int(),
  number: z.number().int().positive(),
  title: z.string(),
  body: Body,
  state: State,
  draft: z.boolean().default(false),
  merged: z.boolean(),
  merge_commit_sha: z.string().nullable(),
  user: User,
  assignees: listOf(User),
  labels: listOf(Label),
  head: Branch,
  base: Branch,
  html_url: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
});

const Changes = z
  .object({ title: z.object({ from: z.string() }).nullish(), body: z.object({ from: Body }).nullish() })
  .nullish()
  .transform((changes) => ({
    ...(changes?.title ? { title: changes.title } : {}),
    ...(changes?.body ? { body: changes.body } : {}),
  }));

const Base = z.object({ repository: Repository, sender: User });
const Ref = Base.extend({
  ref: z.string().transform((ref) => ref.replace(/^refs\/(?:heads|tags)\//, "")),
  ref_type: z.enum(["branch", "tag"]),
});

const REVIEW_STATES = {
  pull_request_review_approved: "approved",
  pull_request_review_rejected: "changes_requested",
  pull_request_review_comment: "commented",
} as const;

/** By GitHub's name of the event: Gitea's payload in, GitHub's shape out. */
export const PayloadSchemas = {
  issues: Base.extend({
    action: action(
      ...(["opened", "closed", "reopened", "edited", "deleted", "assigned", "unassigned"] as const),
      ...(["labeled", "unlabeled", "milestoned", "demilestoned"] as const),
    ),
    issue: Issue,
    changes: Changes,
  }),
  issue_comment: Base.extend({
    action: action("created", "edited", "deleted"),
    issue: Issue,
    comment: Comment,
    changes: Changes,
  }),
  pull_request: Base.extend({
    action: action(
      ...(["opened", "closed", "reopened", "edited", "assigned", "unassigned", "labeled", "unlabeled"] as const),
      ...(["milestoned", "demilestoned", "synchronize", "review_requested", "review_request_removed"] as const),
    ),
    number: z.number().int().positive(),
    pull_request: PullRequest,
    changes: Changes,
  }),
  pull_request_review: Base.extend({
    action: action("submitted"),
    pull_request: PullRequest,
    review: z.object({
      type: z.enum(["pull_request_review_approved", "pull_request_review_rejected", "pull_request_review_comment"]),
      content: Body,
    }),
  }).transform(({ review, ...payload }) => ({
    ...payload,
    review: { state: REVIEW_STATES[review.type], body: review.content, user: payload.sender },
  })),
  push: Base.extend({ ref: z.string(), before: z.string(), after: z.string(), pusher: User }),
  create: Ref,
  delete: Ref,
  status: Base.extend({
    sha: z.string(),
    context: z.string(),
    state: z.string(),
    description: z.string(),
    target_url: z.string(),
  }),
  repository: Base.extend({ action: action("created", "deleted") }),
};
