/** Routes about what blocks what; existing, circular and missing dependencies are answered with 500. */
import { z } from "zod";
import { can } from "../access.ts";
import { notFound, serverError } from "../api-error.ts";
import { presentIssue } from "../present/issue.ts";
import type { Dependency, Issue } from "../state.ts";
import { addEntry, findIssue } from "../threads.ts";
import { findRepository, type World } from "../world.ts";
import {
  type Api,
  answer,
  type Call,
  countTotal,
  doerOf,
  issueFrom,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";

const Other = z.object({ owner: z.string().default(""), repo: z.string().default(""), index: z.number() });

async function otherIssue(c: Call, world: World): Promise<Issue> {
  const { owner, repo, index } = await readBody(c, Other);
  const repository = findRepository(world.state, `${owner}/${repo}`);
  const issue = repository && can(repository, doerOf(c), "read") ? findIssue(world, repository, index) : undefined;
  if (!issue) throw notFound();
  return issue;
}

function has(world: World, wanted: Dependency): boolean {
  return world.state.dependencies.some(
    ({ issueId, blockerId }) => issueId === wanted.issueId && blockerId === wanted.blockerId,
  );
}

function note(c: Call, world: World, type: string, issue: Issue, blocker: Issue): void {
  addEntry(world, issue, { type, userId: doerOf(c).id, otherIssueId: blocker.id });
  addEntry(world, blocker, { type, userId: doerOf(c).id, otherIssueId: issue.id });
}

function add(c: Call, world: World, issue: Issue, blocker: Issue): void {
  const dependency = { issueId: issue.id, blockerId: blocker.id };
  const reverse = { issueId: blocker.id, blockerId: issue.id };
  if (has(world, dependency) || has(world, reverse)) throw serverError();
  world.state.dependencies.push(dependency);
  note(c, world, "add_dependency", issue, blocker);
}

function remove(c: Call, world: World, issue: Issue, blocker: Issue): void {
  if (!has(world, { issueId: issue.id, blockerId: blocker.id })) throw serverError();
  world.state.dependencies = world.state.dependencies.filter(
    (dependency) => dependency.issueId !== issue.id || dependency.blockerId !== blocker.id,
  );
  note(c, world, "remove_dependency", issue, blocker);
}

/** Adds the routes about dependencies and blocks. */
export function addDependencyRoutes(api: Api, world: World): void {
  const dependencies = "/repos/:owner/:repo/issues/:index/dependencies";
  const blocks = "/repos/:owner/:repo/issues/:index/blocks";
  const list = (c: Call, ids: readonly number[]): Response => {
    const issues = world.state.issues.filter((issue) => ids.includes(issue.id));
    const size = Number(c.req.query("limit")) || issues.length;
    const page = Math.max(1, Number(c.req.query("page")) || 1);
    const shown = issues.slice((page - 1) * size, page * size);
    return answer(
      c,
      200,
      shown.map((issue) => presentIssue(world, issue, viewerOf(c))),
    );
  };
  const here = (c: Call): Issue => issueFrom(c, world, repositoryFrom(c, world));
  const mine = (c: Call): Issue => issueFrom(c, world, repositoryFor(c, world, "write"));
  api.get(dependencies, (c) => {
    const { id } = here(c);
    const ids = world.state.dependencies.filter(({ issueId }) => issueId === id).map(({ blockerId }) => blockerId);
    countTotal(c, ids.length);
    return list(c, ids);
  });
  api.get(blocks, (c) => {
    const { id } = here(c);
    return list(
      c,
      world.state.dependencies.filter(({ blockerId }) => blockerId === id).map(({ issueId }) => issueId),
    );
  });
  const change = async (c: Call, act: typeof add, isBlocks: boolean): Promise<Response> => {
    const issue = mine(c);
    const other = await otherIssue(c, world);
    act(c, world, isBlocks ? other : issue, isBlocks ? issue : other);
    return answer(c, 201, presentIssue(world, issue, doerOf(c)));
  };
  api.post(dependencies, (c) => change(c, add, false));
  api.delete(dependencies, (c) => change(c, remove, false));
  api.post(blocks, (c) => change(c, add, true));
  api.delete(blocks, (c) => change(c, remove, true));
}
