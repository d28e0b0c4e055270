/** Plain pages of repositories, issues and pull requests, complete in one file each. */
import type { Hono } from "hono";
import { isDraft } from "./drafts.ts";
import { escapeHtml, renderMarkdown } from "./markdown.ts";
import { STYLE } from "./pages-style.ts";
import { labelsOf } from "./present/issue.ts";
import type { ApiEnvironment } from "./routes/call.ts";
import type { Entry, Issue, Review } from "./state.ts";
import { latestStatuses } from "./statuses.ts";
import { findIssue } from "./threads.ts";
import { findRepository, fullName, repositoryOf, userOf, type World } from "./world.ts";

function page(title: string, body: string): string {
  const head = `<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(title)}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head}<style>${STYLE}</style></head>\n<body>${body}</body></html>\n`;
}

function loginOf(world: World, id: number): string {
  return escapeHtml(userOf(world.state, id).login);
}

function badge(issue: Issue): string {
  const state = issue.pull?.merged ? "merged" : issue.state;
  const draft =
    issue.pull && isDraft(issue.title) && issue.state === "open" ? ` <span class="badge draft">draft</span>` : "";
  return `<span class="badge ${state}">${state}</span>${draft}`;
}

function labels(world: World, issue: Issue): string {
  return labelsOf(world, issue)
    .map((label) => labelHtml(label))
    .join(" ");
}

const DARK_LIMIT = 140;

/** White letters on dark colours, like Gitea. */
function labelHtml({ name, color }: { readonly name: string; readonly color: string }): string {
  const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
  const letters = 0.3 * red + 0.59 * green + 0.11 * blue < DARK_LIMIT ? ";color:#fff" : "";
  return `<span class="label" style="background:#${color}${letters}">${escapeHtml(name)}</span>`;
}

/** `2026-11-21T10:47:29Z` as the time alone; the whole of it shows up under the pointer. */
function timeHtml(when: string): string {
  return `<time title="${when}">${when.slice(11, 19)} UTC</time>`;
}

/** The person, marked when it is a bot. */
function personHtml(world: World, id: number): string {
  const mark = userOf(world.state, id).kind === "bot" ? ' <span class="tag">bot</span>' : "";
  return `<b>${loginOf(world, id)}</b>${mark}`;
}

function commentBox(world: World, by: number, when: string, text: string, what = "commented"): string {
  const kind = userOf(world.state, by).kind === "bot" ? " bot" : "";
  const header = `<header>${personHtml(world, by)} ${what} at ${timeHtml(when)}</header>`;
  return `<article class="comment${kind}">${header}<div class="body">${renderMarkdown(text)}</div></article>`;
}

/** What an entry says in one line; entries that say nothing to people are left out. */
function eventText(world: World, entry: Entry): string | undefined {
  const label = world.state.labels.find((candidate) => candidate.id === entry.labelId);
  const other = world.state.issues.find((candidate) => candidate.id === entry.otherIssueId);
  const person = entry.assigneeId === undefined ? "" : loginOf(world, entry.assigneeId);
  const texts: Readonly<Record<string, string>> = {
    label: `${entry.body === "1" ? "added" : "removed"} ${label ? labelHtml(label) : "(a deleted label)"}`,
    assignees: `${entry.removedAssignee ? "unassigned" : "assigned"} ${person}`,
    close: "closed this",
    reopen: "reopened this",
    change_title: `changed the title from “${escapeHtml(entry.oldTitle ?? "")}” to “${escapeHtml(entry.newTitle ?? "")}”`,
    add_dependency: `added a dependency with #${other?.number ?? "?"}`,
    remove_dependency: `removed a dependency with #${other?.number ?? "?"}`,
    pull_ref: `mentioned this in pull request #${other?.number ?? "?"}`,
    commit_ref: `mentioned this in commit ${(entry.commit ?? "").slice(0, 10)}`,
    merge_pull: `merged this as ${(entry.commit ?? "").slice(0, 10)}`,
    pull_push: "pushed commits",
    review_request: `asked ${person} for a review`,
  };
  return texts[entry.type];
}

const REVIEW_WORDS: Readonly<Record<string, string>> = {
  APPROVED: "approved",
  REQUEST_CHANGES: "requested changes",
  COMMENT: "reviewed",
};

function reviewBox(world: World, review: Review): string {
  const lines = review.comments.map((comment) => `\n\n\`${comment.path}:${comment.newPosition}\` ${comment.body}`);
  const words = REVIEW_WORDS[review.state] ?? "reviewed";
  return commentBox(world, review.userId, review.submitted, `${review.body}${lines.join("")}`, words);
}

/** Labels that one user changed in a row stand in one line, and one that came and went does not stand there at all. */
function entryGroups(entries: readonly Entry[]): readonly (readonly Entry[])[] {
  const groups: Entry[][] = [];
  for (const entry of entries) {
    const open = groups.at(-1);
    const isSameAct = entry.type === "label" && open?.[0]?.type === "label" && open[0].userId === entry.userId;
    if (!isSameAct) groups.push([entry]);
    else if (open.some((other) => other.labelId === entry.labelId && other.body !== entry.body))
      open.splice(0, open.length, ...open.filter((other) => other.labelId !== entry.labelId));
    else open.push(entry);
  }
  return groups.filter((group) => group.length > 0);
}

function groupHtml(world: World, group: readonly Entry[]): string {
  const [first] = group;
  if (!first) return "";
  if (first.type !== "label") return entryHtml(world, first);
  const texts = [...group].reverse().map((entry) => eventText(world, entry) ?? "");
  return eventHtml(world, first, texts.join(", "));
}

function eventHtml(world: World, { userId, created }: Entry, text: string): string {
  return `<p class="event">${personHtml(world, userId)} ${text} at ${timeHtml(created)}</p>`;
}

function entryHtml(world: World, entry: Entry): string {
  if (entry.type === "comment") return commentBox(world, entry.userId, entry.created, entry.body);
  const review = world.state.reviews.find((candidate) => candidate.entryId === entry.id);
  if (review) return reviewBox(world, review);
  const text = eventText(world, entry);
  return text === undefined ? "" : eventHtml(world, entry, text);
}

function pullDetails(world: World, issue: Issue): string {
  if (!issue.pull) return "";
  const { base, head, headSha } = issue.pull;
  const statuses = latestStatuses(world, repositoryOf(world.state, issue.repositoryId), headSha);
  const cells = [...statuses]
    .sort((a, b) => a.context.localeCompare(b.context))
    .map((status) => [status.context, status.state, status.description].map(escapeHtml).join("</td><td>"));
  const rows = cells.map((row) => `<tr><td>${row}</td></tr>`).join("");
  const table = rows === "" ? "" : `<table><tr><th>status</th><th>state</th><th>description</th></tr>${rows}</table>`;
  const commit = `<code>${headSha.slice(0, 10)}</code>`;
  return `<p>from <code>${escapeHtml(head)}</code> (${commit}) into <code>${escapeHtml(base)}</code></p>${table}`;
}

/** The page of an issue or pull request. */
export function threadPage(world: World, issue: Issue): string {
  const name = fullName(world.state, repositoryOf(world.state, issue.repositoryId));
  const entries = world.state.entries.filter((entry) => entry.issueId === issue.id);
  const assignees = issue.assigneeIds.map((id) => loginOf(world, id)).join(", ");
  return page(
    `${issue.title} · ${name} #${issue.number}`,
    [
      `<p><a href="/${name}">${escapeHtml(name)}</a></p>`,
      `<h1>${escapeHtml(issue.title)} <small>#${issue.number}</small></h1>`,
      `<p>${badge(issue)} ${labels(world, issue)}${assignees ? ` assigned to ${assignees}` : ""}</p>`,
      pullDetails(world, issue),
      commentBox(world, issue.posterId, issue.created, issue.body, "opened this"),
      ...entryGroups(entries).map((group) => groupHtml(world, group)),
    ].join("\n"),
  );
}

function listPage(world: World, name: string): string | undefined {
  const repository = findRepository(world.state, name);
  if (!repository || repository.private) return undefined;
  const issues = world.state.issues.filter((issue) => issue.repositoryId === repository.id).reverse();
  const rows = issues.map((issue) => {
    const path = `/${name}/${issue.pull ? "pulls" : "issues"}/${issue.number}`;
    return `<li>${badge(issue)} <a href="${path}">#${issue.number} ${escapeHtml(issue.title)}</a> ${labels(world, issue)}</li>`;
  });
  return page(
    name,
    `<h1>${escapeHtml(name)}</h1><p><code>git clone ${world.url}/${name}.git</code></p><ul class="threads">${rows.join("\n")}</ul>`,
  );
}

/** Adds the pages; private repositories have none. */
export function addPages(app: Hono<ApiEnvironment>, world: World): void {
  app.get("/", (c) => {
    const shown = world.state.repositories.filter((repository) => !repository.private);
    const names = shown.map((repository) => fullName(world.state, repository));
    return c.html(
      page(
        "Repositories",
        `<ul>${names.map((name) => `<li><a href="/${name}">${escapeHtml(name)}</a></li>`).join("")}</ul>`,
      ),
    );
  });
  app.get("/:owner/:repo", (c) => {
    const html = listPage(world, `${c.req.param("owner")}/${c.req.param("repo")}`);
    return html === undefined ? c.notFound() : c.html(html);
  });
  app.get("/:owner/:repo/:kind{issues|pulls}/:number{[0-9]+}", (c) => {
    const repository = findRepository(world.state, `${c.req.param("owner")}/${c.req.param("repo")}`);
    const issue = repository && findIssue(world, repository, Number(c.req.param("number")));
    if (!issue || repository.private) return c.notFound();
    return c.html(threadPage(world, issue));
  });
}
