/** Mentions of issues in texts: closing keywords, and the notes they leave on the other thread. */
import { can } from "./access.ts";
import type { Issue, Repository, User } from "./state.ts";
import { addEntry, findIssue } from "./threads.ts";
import { repositoryOf, type World } from "./world.ts";

const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/g;
const REFERENCE = /(?:\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?|reopen(?:s|ed)?):?\s+)?(?<![\w/])[#!](\d+)\b/gi;

/** One `#n` in a text. */
export interface Reference {
  readonly number: number;
  readonly action: "none" | "closes" | "reopens";
}

function actionOf(keyword: string | undefined): Reference["action"] {
  if (keyword === undefined) return "none";
  return keyword.toLowerCase().startsWith("reopen") ? "reopens" : "closes";
}

/** The references in a text, outside code. */
export function referencesIn(text: string): readonly Reference[] {
  const plain = text.replace(CODE, " ");
  return [...plain.matchAll(REFERENCE)].map((match) => ({ number: Number(match[2]), action: actionOf(match[1]) }));
}

function target(world: World, repository: Repository, reference: Reference, source?: Issue): Issue | undefined {
  const issue = findIssue(world, repository, reference.number);
  return issue && issue.id !== source?.id ? issue : undefined;
}

/** Leaves a note on every issue that a title, body or comment of `source` mentions; only a pull request can close. */
export function noteReferences(world: World, source: Issue, text: string, doer: User, inComment = false): void {
  const repository = repositoryOf(world.state, source.repositoryId);
  const type = inComment ? "comment_ref" : source.pull ? "pull_ref" : "issue_ref";
  for (const reference of referencesIn(text)) {
    const issue = target(world, repository, reference, source);
    const refAction = source.pull ? reference.action : "none";
    const noted = world.state.entries.some(
      (entry) => entry.issueId === issue?.id && entry.otherIssueId === source.id && entry.refAction === refAction,
    );
    if (issue && !noted) addEntry(world, issue, { type, userId: doer.id, otherIssueId: source.id, refAction });
  }
}

/** Leaves a note on every issue that a commit mentions, and gives those it closes. */
export function noteCommit(
  world: World,
  repository: Repository,
  commit: { readonly sha: string; readonly message: string },
  doer: User,
): readonly Issue[] {
  const closed: Issue[] = [];
  for (const reference of referencesIn(commit.message)) {
    const issue = target(world, repository, reference);
    if (!issue) continue;
    addEntry(world, issue, { type: "commit_ref", userId: doer.id, commit: commit.sha, refAction: reference.action });
    const mayClose = can(repository, doer, "write") || issue.posterId === doer.id;
    if (reference.action === "closes" && mayClose && issue.state === "open") closed.push(issue);
  }
  return closed;
}

/** Open issues that a pull request closes: by title, description, and comments of people who may. */
export function closedByPull(world: World, pull: Issue): readonly Issue[] {
  const repository = repositoryOf(world.state, pull.repositoryId);
  const comments = world.state.entries.filter((entry) => entry.issueId === pull.id && entry.type === "comment");
  const trusted = comments.filter((comment) =>
    can(
      repository,
      world.state.users.find((user) => user.id === comment.userId),
      "write",
    ),
  );
  const text = [pull.title, pull.body, ...trusted.map((comment) => comment.body)].join("\n");
  const numbers = referencesIn(text).filter((reference) => reference.action === "closes");
  const issues = numbers.map((reference) => target(world, repository, reference, pull));
  return [...new Set(issues)].filter((issue) => issue?.state === "open" && !issue.pull).flatMap((issue) => issue ?? []);
}
