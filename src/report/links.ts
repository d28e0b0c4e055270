/** Links to what Steward and the forge show of a run, a commit, an issue, a branch. */
import { issueRefFrom, type RunId, type Sha, type TaskId } from "../domain/ids.ts";
import { inlineCode } from "../lib/text.ts";

const SHORT_SHA = 7;

/** The capability link of one run: its live log, kept afterwards. */
export function runUrl(publicUrl: string, run: RunId): string {
  return `${publicUrl.replace(/\/+$/, "")}/runs/${run}`;
}

/** A commit as people name it. */
export function shortSha(sha: Sha): string {
  return sha.slice(0, SHORT_SHA);
}

/** A commit with a link to what it changed, where the repository's address is known. */
export function commitLink(repositoryUrl: string, sha: Sha): string {
  if (repositoryUrl === "") return `\`${shortSha(sha)}\``;
  return `[\`${shortSha(sha)}\`](${repositoryUrl.replace(/\/+$/, "")}/commit/${sha})`;
}

/** Another issue as a reference that the forge links: short within the same repository. */
export function issueReference(from: TaskId, to: TaskId): string {
  const target = issueRefFrom(to);
  return issueRefFrom(from).repository === target.repository ? `#${target.number}` : to;
}

/** The branch and, when there is one, its pull request. */
export function branchAndPull(task: { readonly branch: string; readonly pull?: number | undefined }): string {
  return task.pull === undefined ? inlineCode(task.branch) : `${inlineCode(task.branch)} (#${task.pull})`;
}
