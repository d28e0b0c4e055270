/** Issues, labels, milestones, comments and timeline entries in Gitea's JSON. */
import { isDraft } from "../drafts.ts";
import type { Entry, Issue, Label, Milestone } from "../state.ts";
import { fullName, repositoryOf, userOf, type World } from "../world.ts";
import { type Json, presentUser, type Viewer } from "./user.ts";

/** The page of an issue or pull request. */
export function threadUrl(world: World, issue: Issue): string {
  const name = fullName(world.state, repositoryOf(world.state, issue.repositoryId));
  return `${world.url}/${name}/${issue.pull ? "pulls" : "issues"}/${issue.number}`;
}

/** A label. */
export function presentLabel(world: World, label: Label): Json {
  const name = fullName(world.state, repositoryOf(world.state, label.repositoryId));
  return {
    id: label.id,
    name: label.name,
    exclusive: label.exclusive,
    is_archived: false,
    color: label.color,
    description: label.description,
    url: `${world.url}/api/v1/repos/${name}/labels/${label.id}`,
  };
}

/** The labels of an issue, by name. */
export function labelsOf(world: World, issue: Issue): readonly Label[] {
  return world.state.labels
    .filter((label) => issue.labelIds.includes(label.id))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** A milestone with its counts. */
export function presentMilestone(world: World, milestone: Milestone): Json {
  const issues = world.state.issues.filter((issue) => issue.milestoneId === milestone.id);
  return {
    id: milestone.id,
    title: milestone.title,
    description: milestone.description,
    state: "open",
    open_issues: issues.filter((issue) => issue.state === "open").length,
    closed_issues: issues.filter((issue) => issue.state === "closed").length,
    created_at: milestone.created,
    updated_at: milestone.created,
    closed_at: null,
    due_on: null,
  };
}

/** A milestone by id, or `null`. */
export function milestoneOf(world: World, id: number | null | undefined): Json | null {
  const milestone = world.state.milestones.find((candidate) => candidate.id === id);
  return milestone ? presentMilestone(world, milestone) : null;
}

/** Comments of an issue: not the other entries of its thread. */
export function commentsOf(world: World, issue: Issue): readonly Entry[] {
  return world.state.entries.filter((entry) => entry.issueId === issue.id && entry.type === "comment");
}

/** The users an issue is assigned to, in the order they were. */
export function presentAssignees(world: World, issue: Issue): readonly Json[] {
  return issue.assigneeIds.map((id) => presentUser(world, userOf(world.state, id)));
}

function presentPullOfIssue(world: World, issue: Issue): Json | null {
  if (!issue.pull) return null;
  return {
    merged: issue.pull.merged,
    merged_at: issue.pull.mergedAt,
    draft: isDraft(issue.title),
    html_url: threadUrl(world, issue),
  };
}

/** An issue (or a pull request seen as one); nobody assigned is `null`, not an empty list. */
export function presentIssue(world: World, issue: Issue, viewer?: Viewer): Json {
  const repository = repositoryOf(world.state, issue.repositoryId);
  const name = fullName(world.state, repository);
  const assignees = presentAssignees(world, issue);
  return {
    id: issue.id,
    url: `${world.url}/api/v1/repos/${name}/issues/${issue.number}`,
    html_url: threadUrl(world, issue),
    number: issue.number,
    user: presentUser(world, userOf(world.state, issue.posterId), viewer),
    original_author: "",
    original_author_id: 0,
    title: issue.title,
    body: issue.body,
    ref: "",
    assets: [],
    labels: labelsOf(world, issue).map((label) => presentLabel(world, label)),
    milestone: milestoneOf(world, issue.milestoneId),
    assignee: assignees[0] ?? null,
    assignees: assignees.length > 0 ? assignees : null,
    state: issue.state,
    is_locked: issue.locked,
    comments: commentsOf(world, issue).length,
    created_at: issue.created,
    updated_at: issue.updated,
    closed_at: issue.closed,
    due_date: null,
    time_estimate: 0,
    pull_request: presentPullOfIssue(world, issue),
    repository: {
      id: repository.id,
      name: repository.name,
      owner: userOf(world.state, repository.ownerId).login,
      full_name: name,
    },
    pin_order: 0,
    content_version: issue.contentVersion,
  };
}

function presentEntry(world: World, issue: Issue, entry: Entry): Json {
  const thread = threadUrl(world, issue);
  return {
    id: entry.id,
    html_url: `${thread}#issuecomment-${entry.id}`,
    pull_request_url: issue.pull ? thread : "",
    issue_url: issue.pull ? "" : thread,
    user: presentUser(world, userOf(world.state, entry.userId)),
    body: entry.body,
    created_at: entry.created,
    updated_at: entry.updated,
  };
}

/** A comment. */
export function presentComment(world: World, issue: Issue, entry: Entry): Json {
  return { ...presentEntry(world, issue, entry), original_author: "", original_author_id: 0, assets: [] };
}

/** An entry of `/timeline`. */
export function presentTimelineEntry(world: World, issue: Issue, entry: Entry): Json {
  const label = world.state.labels.find((candidate) => candidate.id === entry.labelId);
  const other = world.state.issues.find((candidate) => candidate.id === entry.otherIssueId);
  const isDependency = entry.type.endsWith("_dependency");
  return {
    ...presentEntry(world, issue, entry),
    type: entry.type,
    old_project_id: 0,
    project_id: 0,
    old_milestone: milestoneOf(world, entry.oldMilestoneId),
    milestone: milestoneOf(world, entry.milestoneId),
    tracked_time: null,
    old_title: entry.oldTitle ?? "",
    new_title: entry.newTitle ?? "",
    old_ref: "",
    new_ref: "",
    ref_issue: other && !isDependency ? presentIssue(world, other) : null,
    ref_comment: null,
    ref_action: entry.refAction ?? "none",
    ref_commit_sha: entry.commit ?? "",
    review_id: entry.reviewId ?? 0,
    label: label ? presentLabel(world, label) : null,
    assignee: entry.assigneeId === undefined ? null : presentUser(world, userOf(world.state, entry.assigneeId)),
    assignee_team: null,
    removed_assignee: entry.removedAssignee ?? false,
    resolve_doer: null,
    dependent_issue: other && isDependency ? presentIssue(world, other) : null,
  };
}
