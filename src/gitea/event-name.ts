/** Gitea's event types and actions in GitHub's words. */
import type { EventPayloads } from "../ports/app-event.ts";

/** By `X-Gitea-Event-Type`, and by the two coarse events that have names of their own. */
const NAMES: Readonly<Record<string, keyof EventPayloads>> = {
  issues: "issues",
  issue_assign: "issues",
  issue_label: "issues",
  issue_milestone: "issues",
  issue_comment: "issue_comment",
  pull_request_comment: "issue_comment",
  pull_request: "pull_request",
  pull_request_assign: "pull_request",
  pull_request_label: "pull_request",
  pull_request_milestone: "pull_request",
  pull_request_sync: "pull_request",
  pull_request_review_request: "pull_request",
  pull_request_review_approved: "pull_request_review",
  pull_request_review_rejected: "pull_request_review",
  pull_request_review_comment: "pull_request_review",
  pull_request_approved: "pull_request_review",
  pull_request_rejected: "pull_request_review",
  push: "push",
  create: "create",
  delete: "delete",
  status: "status",
  repository: "repository",
};

/** Types that are valid and that nobody here reads. */
const UNREAD: ReadonlySet<string> = new Set([
  "fork",
  "wiki",
  "release",
  "package",
  "workflow_run",
  "workflow_job",
  "action_run_failure",
  "action_run_recover",
  "action_run_success",
]);

const ACTIONS: Readonly<Record<string, string>> = {
  synchronized: "synchronize",
  // Gitea does not say which label came or went: one event stands for all changes.
  label_updated: "labeled",
  label_cleared: "unlabeled",
  reviewed: "submitted",
};

/** GitHub's name for an event type; `unread` for one that nothing here listens to. */
export function eventNameFrom(
  eventType: string,
  action: string | undefined,
): keyof EventPayloads | "unread" | undefined {
  if (UNREAD.has(eventType)) return "unread";
  // The coarse event `pull_request_comment` is a review; the type of the same name is a comment.
  if (eventType === "pull_request_comment" && action === "reviewed") return "pull_request_review";
  return Object.hasOwn(NAMES, eventType) ? NAMES[eventType] : undefined;
}

/** GitHub's word for an action; most are the same. */
export function actionFrom(action: string): string {
  return Object.hasOwn(ACTIONS, action) ? (ACTIONS[action] ?? action) : action;
}
