/** Pull requests, their reviews and files in Gitea's JSON. */
import type { Permission } from "../access.ts";
import { isDraft } from "../drafts.ts";
import { resolveBranch } from "../git-repository.ts";
import type { Issue, Pull, Repository, Review } from "../state.ts";
import { gitFolder, repositoryOf, userOf, type World } from "../world.ts";
import { commentsOf, labelsOf, milestoneOf, presentAssignees, presentLabel, threadUrl } from "./issue.ts";
import { presentRepository } from "./repository.ts";
import { type Json, presentUser, type Viewer } from "./user.ts";

/** A pull request alone tells more than one in a list. */
export type PullForm = "single" | "list";

/** An issue that is a pull request. */
export interface PullIssue {
  readonly issue: Issue;
  readonly pull: Pull;
}

/** Whose review counts: of each person the newest one that says something. */
function reviewerIds(world: World, issue: Issue, form: PullForm): readonly number[] {
  const reviews = world.state.reviews.filter((review) => review.issueId === issue.id && review.state !== "PENDING");
  const counted = form === "single" ? reviews : reviews.filter((review) => review.state !== "COMMENT");
  return [...new Set(counted.map((review) => review.userId).reverse())].reverse();
}

function reviewFields(world: World, issue: Issue, form: PullForm): Json {
  const reviewers = reviewerIds(world, issue, form).map((id) => presentUser(world, userOf(world.state, id)));
  return {
    requested_reviewers: reviewers.length === 0 && form === "list" ? null : reviewers,
    requested_reviewers_teams: form === "list" ? null : [],
  };
}

function reviewCount(world: World, issue: Issue): Json {
  const submitted = world.state.reviews.filter(
    (review) => review.issueId === issue.id && review.state !== "REQUEST_REVIEW" && review.state !== "PENDING",
  );
  return submitted.length > 0 ? { review_comments: submitted.length } : {};
}

function presentSide(ref: string, label: string, sha: string, repository: Json): Json {
  return { label, ref, sha, repo_id: repository.id, repo: repository };
}

async function presentSides(world: World, repository: Repository, number: number, pull: Pull, permission: Permission) {
  const repo = presentRepository(world, repository, permission);
  const exists = (await resolveBranch(gitFolder(world, repository), pull.head)) !== undefined;
  const headRef = exists ? pull.head : `refs/pull/${number}/head`;
  return {
    base: presentSide(pull.base, pull.base, pull.baseSha, repo),
    head: presentSide(headRef, pull.head, pull.headSha, repo),
  };
}

/** A pull request; `permission` is that of whoever the repositories in it are shown to. */
export async function presentPull(
  world: World,
  { issue, pull }: PullIssue,
  view: { readonly viewer?: Viewer; readonly permission: Permission; readonly form?: PullForm },
): Promise<Json> {
  const repository = repositoryOf(world.state, issue.repositoryId);
  const thread = threadUrl(world, issue);
  const form = view.form ?? "single";
  const comparison = await world.comparisons(gitFolder(world, repository), pull.baseSha, pull.headSha);
  const assignees = presentAssignees(world, issue);
  const { additions, deletions, changedFiles } = comparison;
  return {
    id: pull.id,
    url: thread,
    number: issue.number,
    user: presentUser(world, userOf(world.state, issue.posterId), view.viewer),
    title: issue.title,
    body: issue.body,
    labels: labelsOf(world, issue).map((label) => presentLabel(world, label)),
    milestone: milestoneOf(world, issue.milestoneId),
    assignee: assignees[0] ?? null,
    assignees,
    ...reviewFields(world, issue, form),
    state: issue.state,
    draft: isDraft(issue.title),
    is_locked: issue.locked,
    comments: commentsOf(world, issue).length,
    ...reviewCount(world, issue),
    ...(form === "single" ? { additions, deletions, changed_files: changedFiles } : {}),
    html_url: thread,
    diff_url: `${thread}.diff`,
    patch_url: `${thread}.patch`,
    mergeable: !isDraft(issue.title) && comparison.mergedTree !== undefined,
    merged: pull.merged,
    merged_at: pull.mergedAt,
    merge_commit_sha: pull.mergeCommit,
    merged_by: pull.mergedById === null ? null : presentUser(world, userOf(world.state, pull.mergedById)),
    allow_maintainer_edit: true,
    ...(await presentSides(world, repository, issue.number, pull, view.permission)),
    merge_base: comparison.mergeBase,
    due_date: null,
    created_at: issue.created,
    updated_at: issue.updated,
    closed_at: issue.closed,
    pin_order: 0,
    content_version: issue.contentVersion,
  };
}

/** A review, or a request for one. */
export function presentReview(world: World, issue: Issue, review: Review, viewer: Viewer): Json {
  const thread = threadUrl(world, issue);
  return {
    id: review.id,
    user: presentUser(world, userOf(world.state, review.userId), viewer),
    team: null,
    state: review.state,
    body: review.body,
    commit_id: review.commit,
    stale: false,
    official: review.official,
    dismissed: review.dismissed,
    comments_count: review.comments.length,
    submitted_at: review.submitted,
    updated_at: review.updated,
    html_url: review.entryId === null ? "" : `${thread}#issuecomment-${review.entryId}`,
    pull_request_url: thread,
  };
}

/** The comments on lines that came with a review. */
export function presentReviewComments(world: World, issue: Issue, review: Review, viewer: Viewer): readonly Json[] {
  const thread = threadUrl(world, issue);
  return review.comments.map((comment) => ({
    id: comment.id,
    body: comment.body,
    user: presentUser(world, userOf(world.state, review.userId), viewer),
    resolver: null,
    pull_request_review_id: review.id,
    created_at: review.submitted,
    updated_at: review.submitted,
    path: comment.path,
    commit_id: review.commit,
    original_commit_id: "",
    diff_hunk: "",
    position: comment.newPosition,
    original_position: comment.oldPosition,
    html_url: `${thread}#issuecomment-${comment.id}`,
    pull_request_url: thread,
  }));
}
