/** All routes that differ between GitHub and Gitea. */
import type { Route } from "./compat-call.ts";
import { createIssueRoutes } from "./compat-issues.ts";
import { LABEL_ROUTES } from "./compat-labels.ts";
import { PULL_ROUTES } from "./compat-pulls.ts";
import { REPOSITORY_ROUTES } from "./compat-repositories.ts";

/** The routes of one client; the first that fits is taken. */
export function createCompatRoutes(): readonly Route[] {
  return [...createIssueRoutes(), ...LABEL_ROUTES, ...PULL_ROUTES, ...REPOSITORY_ROUTES];
}
