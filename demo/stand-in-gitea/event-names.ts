/** Names of webhook events: what is sent, what a hook can subscribe to, and what a subscription implies. */

/** Events about the thread of an issue or pull request, by what changed. */
const COARSE: Readonly<Record<string, string>> = {
  issue_assign: "issues",
  issue_label: "issues",
  issue_milestone: "issues",
  pull_request_assign: "pull_request",
  pull_request_label: "pull_request",
  pull_request_milestone: "pull_request",
  pull_request_sync: "pull_request",
  pull_request_review_request: "pull_request",
  pull_request_comment: "issue_comment",
  pull_request_review_approved: "pull_request_approved",
  pull_request_review_rejected: "pull_request_rejected",
  pull_request_review_comment: "pull_request_comment",
};

/** The `X-Gitea-Event` that goes with an `X-Gitea-Event-Type`. */
export function eventOf(eventType: string): string {
  return COARSE[eventType] ?? eventType;
}

const ISSUE_EVENTS = ["issues", "issue_assign", "issue_label", "issue_milestone", "issue_comment"];
const PULL_EVENTS = [
  "pull_request",
  "pull_request_assign",
  "pull_request_label",
  "pull_request_milestone",
  "pull_request_comment",
  "pull_request_review",
  "pull_request_sync",
  "pull_request_review_request",
];

/** Everything a hook can hold; other names are dropped without a word. */
const KNOWN = new Set([
  ...["create", "delete", "push", "fork", "repository", "wiki", "release", "package", "status"],
  ...["workflow_run", "workflow_job"],
  ...ISSUE_EVENTS,
  ...PULL_EVENTS,
]);

const IMPLIED: Readonly<Record<string, readonly string[]>> = {
  issues: ISSUE_EVENTS,
  issues_only: ["issues"],
  pull_request: PULL_EVENTS,
  pull_request_only: ["pull_request"],
};

/** What is stored for the events of a request; nothing asked for means `push`. */
export function storedEvents(asked: readonly string[] | null | undefined): string[] {
  if (!asked || asked.length === 0) return ["push"];
  const implied = asked.flatMap((name) => IMPLIED[name] ?? [name]);
  return [...new Set(implied)].filter((name) => KNOWN.has(name));
}

/** Whether a hook with these stored events gets an event type. */
export function wants(events: readonly string[], eventType: string): boolean {
  const isReview = /^pull_request_review_(?:approved|rejected|comment)$/.test(eventType);
  return events.includes(isReview ? "pull_request_review" : eventType);
}
