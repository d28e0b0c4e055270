/** Routes about reactions on issues and comments. */
import { z } from "zod";
import { ApiError } from "../api-error.ts";
import { type Json, presentUser, type Viewer } from "../present/user.ts";
import type { Reaction } from "../state.ts";
import { timestamp, userOf, type World } from "../world.ts";
import {
  type Api,
  answer,
  answerEmpty,
  type Call,
  countTotal,
  doerOf,
  issueFrom,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";
import { commentFrom } from "./comments.ts";

/** The reactions there are. */
export const ALLOWED_REACTIONS = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];

const Content = z.object({ content: z.string() });

/** What is reacted to: a comment, or the issue when there is no entry. */
type Target = Pick<Reaction, "issueId" | "entryId">;

function present(world: World, reaction: Reaction, viewer: Viewer): Json {
  const user = presentUser(world, userOf(world.state, reaction.userId), viewer);
  return { user, content: reaction.content, created_at: reaction.created };
}

function onTarget(world: World, target: Target): readonly Reaction[] {
  return world.state.reactions.filter(
    (reaction) => reaction.issueId === target.issueId && reaction.entryId === target.entryId,
  );
}

/** Nothing is `null`, not an empty list. */
function list(c: Call, world: World, target: Target): Response {
  const reactions = onTarget(world, target);
  const shown = reactions.map((reaction) => present(world, reaction, viewerOf(c)));
  return answer(c, 200, shown.length > 0 ? shown : null);
}

async function react(c: Call, world: World, target: Target): Promise<Response> {
  const doer = doerOf(c);
  const { content } = await readBody(c, Content);
  if (!ALLOWED_REACTIONS.includes(content)) throw new ApiError(403, `'${content}' is not an allowed reaction`);
  const known = onTarget(world, target).find((reaction) => reaction.userId === doer.id && reaction.content === content);
  if (known) return answer(c, 200, present(world, known, doer));
  const reaction = { ...target, userId: doer.id, content, created: timestamp() };
  world.state.reactions.push(reaction);
  return answer(c, 201, present(world, reaction, doer));
}

async function unreact(c: Call, world: World, target: Target): Promise<Response> {
  const doer = doerOf(c);
  const { content } = await readBody(c, Content);
  const gone = onTarget(world, target).filter(
    (reaction) => reaction.userId === doer.id && reaction.content === content,
  );
  world.state.reactions = world.state.reactions.filter((reaction) => !gone.includes(reaction));
  return answerEmpty(c, 200);
}

/** Adds the routes about reactions. */
export function addReactionRoutes(api: Api, world: World): void {
  const issuePath = "/repos/:owner/:repo/issues/:index{[0-9]+}/reactions";
  const commentPath = "/repos/:owner/:repo/issues/comments/:id{[0-9]+}/reactions";
  const issueTarget = (c: Call): Target => ({
    issueId: issueFrom(c, world, repositoryFrom(c, world)).id,
    entryId: null,
  });
  const commentTarget = (c: Call): Target => {
    const { issue, comment } = commentFrom(c, world, repositoryFor(c, world, "read"));
    return { issueId: issue.id, entryId: comment.id };
  };
  api.get(issuePath, (c) => {
    const target = issueTarget(c);
    countTotal(c, onTarget(world, target).length);
    return list(c, world, target);
  });
  api.post(issuePath, (c) => react(c, world, issueTarget(c)));
  api.delete(issuePath, (c) => unreact(c, world, issueTarget(c)));
  api.get(commentPath, (c) => list(c, world, commentTarget(c)));
  api.post(commentPath, (c) => react(c, world, commentTarget(c)));
  api.delete(commentPath, (c) => unreact(c, world, commentTarget(c)));
}
