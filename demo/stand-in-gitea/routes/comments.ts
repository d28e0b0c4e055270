/** Routes about comments. */
import { z } from "zod";
import { can } from "../access.ts";
import { ApiError, notFound, serverError } from "../api-error.ts";
import { changesFrom, tellComment } from "../notify.ts";
import { commentsOf, presentComment } from "../present/issue.ts";
import { noteReferences } from "../references.ts";
import type { Entry, Issue, Repository } from "../state.ts";
import { addEntry, findIssue } from "../threads.ts";
import { timestamp, type World } from "../world.ts";
import {
  type Api,
  answer,
  answerEmpty,
  type Call,
  countTotal,
  doerOf,
  issueFrom,
  pageOf,
  parameter,
  readBody,
  repositoryFor,
  repositoryFrom,
} from "./call.ts";

const Text = z.object({ body: z.string().min(1, "[Body]: Required") });

/** A comment by its id, with its thread. */
export function commentFrom(c: Call, world: World, repository: Repository): { issue: Issue; comment: Entry } {
  const comment = world.state.entries.find((entry) => entry.id === Number(parameter(c, "id")));
  const issue = world.state.issues.find((candidate) => candidate.id === comment?.issueId);
  if (!comment || issue?.repositoryId !== repository.id) throw notFound();
  return { issue, comment };
}

function since(c: Call): (entry: Entry) => boolean {
  const from = c.req.query("since");
  const to = c.req.query("before");
  return (entry) =>
    (from === undefined || Date.parse(entry.updated) >= Date.parse(from)) &&
    (to === undefined || Date.parse(entry.updated) <= Date.parse(to));
}

function addThreadRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/issues/:index{[0-9]+}/comments";
  api.get(path, (c) => {
    const issue = findIssue(world, repositoryFrom(c, world), Number(parameter(c, "index")));
    if (!issue) throw serverError();
    const comments = commentsOf(world, issue).filter(since(c));
    countTotal(c, comments.length);
    return answer(
      c,
      200,
      comments.map((comment) => presentComment(world, issue, comment)),
    );
  });
  api.post(path, async (c) => {
    const repository = repositoryFor(c, world, "read");
    const doer = doerOf(c);
    const { body } = await readBody(c, Text);
    const issue = issueFrom(c, world, repository);
    if (issue.locked && !can(repository, doer, "write")) {
      throw new ApiError(403, "You cannot comment on a locked issue.");
    }
    const comment = addEntry(world, issue, { type: "comment", userId: doer.id, body });
    noteReferences(world, issue, body, doer, true);
    await tellComment(world, { action: "created", issue, comment, doer });
    return answer(c, 201, presentComment(world, issue, comment));
  });
}

function addRepositoryWideRoute(api: Api, world: World): void {
  api.get("/repos/:owner/:repo/issues/comments", (c) => {
    const repository = repositoryFrom(c, world);
    const threads = new Map(
      world.state.issues.filter((issue) => issue.repositoryId === repository.id).map((issue) => [issue.id, issue]),
    );
    const comments = world.state.entries.filter((entry) => entry.type === "comment" && threads.has(entry.issueId));
    const page = pageOf(c, world, comments.filter(since(c)), false);
    const shown = page.flatMap((comment) => {
      const issue = threads.get(comment.issueId);
      return issue ? [presentComment(world, issue, comment)] : [];
    });
    return answer(c, 200, shown);
  });
}

function changeableComment(c: Call, world: World): { issue: Issue; comment: Entry } {
  const repository = repositoryFor(c, world, "read");
  const found = commentFrom(c, world, repository);
  if (found.comment.userId !== doerOf(c).id && !can(repository, doerOf(c), "write")) throw new ApiError(403);
  return found;
}

/** Adds the routes about comments. */
export function addCommentRoutes(api: Api, world: World): void {
  addThreadRoutes(api, world);
  addRepositoryWideRoute(api, world);
  const one = "/repos/:owner/:repo/issues/comments/:id{[0-9]+}";
  api.get(one, (c) => {
    const { issue, comment } = commentFrom(c, world, repositoryFrom(c, world));
    if (comment.type !== "comment") return answerEmpty(c, 204);
    return answer(c, 200, presentComment(world, issue, comment));
  });
  api.patch(one, async (c) => {
    const { issue, comment } = changeableComment(c, world);
    const { body } = await readBody(c, Text);
    if (comment.type !== "comment") return answerEmpty(c, 204);
    const from = comment.body;
    // An edit that changes nothing is answered without the author, and nobody is told.
    if (from === body) return answer(c, 200, { ...presentComment(world, issue, comment), user: null });
    comment.body = body;
    comment.updated = timestamp();
    await tellComment(world, { action: "edited", issue, comment, doer: doerOf(c) }, changesFrom("body", from));
    return answer(c, 200, presentComment(world, issue, comment));
  });
  api.delete(one, async (c) => {
    const { issue, comment } = changeableComment(c, world);
    world.state.entries = world.state.entries.filter((entry) => entry.id !== comment.id);
    world.state.reactions = world.state.reactions.filter((reaction) => reaction.entryId !== comment.id);
    await tellComment(world, { action: "deleted", issue, comment, doer: doerOf(c) });
    return answerEmpty(c, 204);
  });
}
