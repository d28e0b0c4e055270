/** Plain pages of repositories, issues and pull requests, complete in one file each. */
import type { Hono } from "hono";
import { isDraft } from "./drafts.ts";
import { escapeHtml, renderMarkdown } from "./markdown.ts";
import { labelsOf } from "./present/issue.ts";
import type { ApiEnvironment } from "./routes/call.ts";
import type { Entry, Issue, Review } from "./state.ts";
import { latestStatuses } from "./statuses.ts";
import { findIssue } from "./threads.ts";
import { findRepository, fullName, repositoryOf, userOf, type World } from "./world.ts";

const STYLE = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; background: #fff; }
h1 { font-weight: 600; } h1 small { color: #59636e; font-weight: 400; }
.badge { display: inline-block; border-radius: 1rem; padding: 0 .7rem; color: #fff; font-size: .9rem; }
.open { background: #1a7f37; } .closed { background: #cf222e; } .merged { background: #8250df; } .draft { background: #59636e; }
.label { display: inline-block; border-radius: 1rem; padding: 0 .6rem; font-size: .85rem; border: 1px solid #0003; }
.comment { border: 1px solid #d1d9e0; border-radius: .4rem; margin: 1rem 0; overflow-x: auto; }
.comment header { background: #f6f8fa; padding: .3rem 1rem; border-bottom: 1px solid #d1d9e0; color: #59636e; }
.comment .body { padding: .2rem 1rem; } .bot header { background: #ddf4ff; }
.event { color: #59636e; margin: .4rem 1rem; font-size: .9rem; }
table { border-collapse: collapse; } td, th { border: 1px solid #d1d9e0; padding: .2rem .7rem; }
pre { background: #f6f8fa; padding: .7rem; overflow-x: auto; } code { background: #f6f8fa; }
blockquote { border-left: .25rem solid #d1d9e0; margin-left: 0; padding-left: 1rem; color: #59636e; }
li:has(> input[type=checkbox]) { list-style: none; margin-left: -1.3rem; }
`;

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
    .map((label) => `<span class="label" style="background:#${label.color}40">${escapeHtml(label.name)}</span>`)
    .join(" ");
}

function commentBox(world: World, by: number, when: string, text: string, what = "commented"): string {
  const kind = userOf(world.state, by).kind === "bot" ? " bot" : "";
  const header = `<header><b>${loginOf(world, by)}</b> ${what} at ${when}</header>`;
  return `<article class="comment${kind}">${header}<div class="body">${renderMarkdown(text)}</div></article>`;
}

/** What an entry says in one line; entries that say nothing to people are left out. */
function eventText(world: World, entry: Entry): string | undefined {
  const label = world.state.labels.find((candidate) => candidate.id === entry.labelId);
  const other = world.state.issues.find((candidate) => candidate.id === entry.otherIssueId);
  const person = entry.assigneeId === undefined ? "" : loginOf(world, entry.assigneeId);
  const texts: Readonly<Record<string, string>> = {
    label: `${entry.body === "1" ? "added" : "removed"} the label ${escapeHtml(label?.name ?? "(deleted)")}`,
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

function entryHtml(world: World, entry: Entry): string {
  if (entry.type === "comment") return commentBox(world, entry.userId, entry.created, entry.body);
  const review = world.state.reviews.find((candidate) => candidate.entryId === entry.id);
  if (review) return reviewBox(world, review);
  const text = eventText(world, entry);
  return text === undefined
    ? ""
    : `<p class="event"><b>${loginOf(world, entry.userId)}</b> ${text} at ${entry.created}</p>`;
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
      ...entries.map((entry) => entryHtml(world, entry)),
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
    `<h1>${escapeHtml(name)}</h1><p><code>git clone ${world.url}/${name}.git</code></p><ul>${rows.join("\n")}</ul>`,
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
