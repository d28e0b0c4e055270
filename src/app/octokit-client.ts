/** The client that handlers find in their context. */
export type { Octokit } from "@octokit/rest";
