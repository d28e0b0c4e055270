/** The fields of Gitea's REST answers that we read, turned into the forge port's words. */

import { z } from "zod";
import type { CommitStatus, StatusState } from "../domain/commit-status.ts";
import { RepositoryName, Sha } from "../domain/ids.ts";
import type { Account, Comment, ForgeBlocker, Pull, Repository } from "../ports/forge.ts";
import { unixLines } from "./unix-lines.ts";

const Body = z
  .string()
  .nullish()
  .transform((text) => unixLines(text ?? ""));
const Time = z.string().transform((text) => Date.parse(text));
const State = z.enum(["open", "closed"]);

/** A user. */
export const AccountAnswer: z.ZodType<Account> = z.object({ id: z.number(), login: z.string() });

const Accounts = z
  .array(AccountAnswer)
  .nullish()
  .transform((accounts) => accounts ?? []);

/** A label of an issue or a repository. */
export const LabelAnswer = z.object({ id: z.number(), name: z.string() });
export type LabelAnswer = z.infer<typeof LabelAnswer>;

/** An issue, without where it is. */
export const IssueAnswer = z
  .object({
    number: z.number(),
    title: z.string(),
    body: Body,
    state: State,
    user: AccountAnswer,
    assignees: Accounts,
    labels: z
      .array(LabelAnswer)
      .nullish()
      .transform((labels) => (labels ?? []).map(({ name }) => name)),
    pull_request: z.unknown(),
    created_at: Time,
    closed_at: Time.nullish(),
    html_url: z.string(),
  })
  .transform(({ user, pull_request, created_at, closed_at, html_url, ...issue }) => ({
    ...issue,
    author: user,
    isPull: Boolean(pull_request),
    createdAt: created_at,
    ...(issue.state === "closed" && closed_at ? { closedAt: closed_at } : {}),
    htmlUrl: html_url,
  }));

/** A comment. */
export const CommentAnswer = z
  .object({ id: z.number(), user: AccountAnswer, body: Body, created_at: Time, updated_at: Time })
  .transform(
    ({ user, created_at, updated_at, ...comment }): Comment => ({
      ...comment,
      author: user,
      createdAt: created_at,
      updatedAt: updated_at,
    }),
  );

/** An issue of any repository. */
export const IssueRefAnswer = z
  .object({ number: z.number(), repository: z.object({ full_name: RepositoryName }) })
  .transform(({ number, repository }) => ({ repository: repository.full_name, number }));

/** An issue that blocks another; `undefined` for one that the bot may not see. */
export const BlockerAnswer = z
  .object({
    number: z.number().int().positive(),
    repository: z.object({ full_name: RepositoryName }),
    title: z.string(),
    state: State,
  })
  .transform(
    ({ number, repository, title, state }): ForgeBlocker => ({
      ref: { repository: repository.full_name, number },
      title,
      state,
    }),
  )
  .or(z.unknown().transform(() => undefined));

/** A repository. */
export const RepositoryAnswer = z
  .object({
    full_name: RepositoryName,
    default_branch: z.string(),
    clone_url: z.string(),
    html_url: z.string(),
    archived: z.boolean(),
    has_issues: z.boolean().default(true),
    internal_tracker: z.object({ enable_issue_dependencies: z.boolean() }).nullish(),
  })
  .transform(({ full_name, default_branch, clone_url, html_url, archived, has_issues, internal_tracker }) => ({
    repository: {
      name: full_name,
      defaultBranch: default_branch,
      cloneUrl: clone_url,
      htmlUrl: html_url,
      archived,
    } satisfies Repository,
    hasDependencies: has_issues && internal_tracker?.enable_issue_dependencies === true,
  }));

const Branch = z.object({ label: z.string(), ref: z.string(), sha: z.string(), repo_id: z.number() });

/** A pull request as it is listed: enough to tell whether it is the wanted one. */
export const PullAnswer = z.object({
  number: z.number(),
  title: z.string(),
  body: Body,
  state: State,
  merged: z.boolean(),
  merged_at: Time.nullish(),
  draft: z.boolean().default(false),
  user: AccountAnswer,
  html_url: z.string(),
  requested_reviewers: Accounts,
  head: Branch,
  base: Branch,
});
export type PullAnswer = z.infer<typeof PullAnswer>;

/** The port's view of a pull request. */
export function pullFrom(answer: PullAnswer): Pull {
  const { number, title, body, state, merged, merged_at, draft, user, html_url, head, base } = answer;
  return {
    number,
    title,
    body,
    state,
    merged,
    ...(merged && merged_at ? { mergedAt: merged_at } : {}),
    draft,
    base: base.ref,
    headBranch: headBranchOf(answer),
    head: Sha.parse(head.sha),
    author: user,
    htmlUrl: html_url,
  };
}

/** The branch a pull request comes from, also when it is gone and `ref` is `refs/pull/n/head`. */
export function headBranchOf({ head }: PullAnswer): string {
  return head.label === "" ? head.ref : head.label;
}

/** A branch. */
export const BranchAnswer = z.object({ commit: z.object({ id: Sha }) }).transform(({ commit }) => commit.id);

const STATUS_STATES: Readonly<Record<string, StatusState>> = {
  pending: "pending",
  success: "success",
  error: "error",
  failure: "failure",
  // Gitea counts these two as success.
  warning: "success",
  skipped: "success",
};

/** A commit status with its number among those of the commit. */
export const StatusAnswer = z
  .object({
    id: z.number(),
    status: z.string(),
    context: z.string(),
    description: z.string(),
    target_url: z.string(),
  })
  .transform(({ id, status, context, description, target_url }) => ({
    id,
    status: {
      context,
      state: STATUS_STATES[status] ?? "pending",
      description,
      targetUrl: target_url === "" ? undefined : target_url,
    } satisfies CommitStatus,
  }));

/** An entry of an issue's timeline, as far as assignments and labels go. */
export const TimelineAnswer = z.object({
  id: z.number(),
  type: z.string(),
  user: AccountAnswer.nullish(),
  assignee: AccountAnswer.nullish(),
  removed_assignee: z.boolean().nullish(),
  label: z.object({ name: z.string() }).nullish(),
  body: z.string().nullish(),
});
export type TimelineAnswer = z.infer<typeof TimelineAnswer>;

/** A review; requests for one are listed among them, some of teams. */
export const ReviewAnswer = z.object({
  id: z.number(),
  user: AccountAnswer.nullish(),
  state: z.string(),
  body: Body,
  dismissed: z.boolean().default(false),
  comments_count: z.number().default(0),
});

/** A comment on a line of the new file; 0 for one on a removed line. */
export const ReviewCommentAnswer = z
  .object({ path: z.string(), body: Body, position: z.number().nullish() })
  .transform(({ path, body, position }) => ({ path, body, line: position ? position : undefined }));

/** A file; without content for a folder, a link or a file that is too large. */
export const FileAnswer = z
  .object({ type: z.literal("file"), encoding: z.literal("base64"), content: z.string() })
  .transform(({ content }) => Buffer.from(content, "base64").toString("utf8"))
  .or(z.array(z.unknown()).transform(() => undefined))
  .or(z.object({ type: z.string() }).transform(() => undefined));

/** What a user may do. */
export const PermissionAnswer = z.object({ permission: z.string(), user: AccountAnswer.nullish() });

/** Something that was made and has an id. */
export const IdAnswer = z.object({ id: z.number() });
