/** The app: what Steward listens to. Everything else follows from `coordinator/advance-task.ts`. */
import type { App } from "./app/app.ts";
import type { Deps } from "./coordinator/deps.ts";
import { handleIssueComment } from "./handlers/issue-comment.ts";
import { handleIssues } from "./handlers/issues.ts";
import { handlePullRequest } from "./handlers/pull-request.ts";

/** Registers every handler. */
export function registerHandlers(app: App, deps: Deps): void {
  handleIssues(app, deps);
  handleIssueComment(app, deps);
  handlePullRequest(app, deps);
}
