/** Routes about commit statuses. */
import { z } from "zod";
import { permissionOf } from "../access.ts";
import { notFound, serverError } from "../api-error.ts";
import { resolveCommit } from "../git-repository.ts";
import { mergeScheduled } from "../merge.ts";
import { tellStatus } from "../notify.ts";
import { presentRepository } from "../present/repository.ts";
import { type Json, presentUser } from "../present/user.ts";
import { nextId, type Repository, type Status } from "../state.ts";
import { latestStatuses, statusesOf } from "../statuses.ts";
import { fullName, gitFolder, timestamp, userOf, type World } from "../world.ts";
import {
  type Api,
  answer,
  type Call,
  countTotal,
  doerOf,
  pageOf,
  parameter,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";

const NewStatus = z.object({
  state: z.string(),
  context: z.string().nullish(),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
});

function apiUrl(world: World, repository: Repository): string {
  return `${world.url}/api/v1/repos/${fullName(world.state, repository)}`;
}

function present(world: World, repository: Repository, status: Status): Json {
  return {
    id: status.index,
    status: status.state,
    target_url: status.targetUrl,
    description: status.description,
    url: `${apiUrl(world, repository)}/statuses/${status.sha}`,
    context: status.context,
    creator: presentUser(world, userOf(world.state, status.creatorId)),
    created_at: status.created,
    updated_at: status.created,
  };
}

/** The state of all contexts together; without any it is `pending`. */
function combinedState(statuses: readonly Status[]): string {
  const states = statuses.map((status) => status.state);
  if (states.some((state) => state === "failure" || state === "error")) return "failure";
  const isSettled = states.every((state) => state === "success" || state === "warning" || state === "skipped");
  return states.length > 0 && isSettled ? "success" : "pending";
}

async function shaFrom(c: Call, world: World, repository: Repository): Promise<string> {
  const sha = await resolveCommit(gitFolder(world, repository), decodeURIComponent(parameter(c, "ref")));
  if (!sha) throw notFound();
  return sha;
}

async function create(c: Call, world: World): Promise<Response> {
  const repository = repositoryFor(c, world, "write");
  const wish = await readBody(c, NewStatus);
  const sha = await resolveCommit(gitFolder(world, repository), parameter(c, "ref"));
  if (!sha) throw serverError();
  const status: Status = {
    id: nextId(world.state, "status"),
    index: statusesOf(world, repository, sha).length + 1,
    repositoryId: repository.id,
    sha,
    state: wish.state,
    context: (wish.context ?? "").trim(),
    description: wish.description ?? "",
    targetUrl: wish.target_url ?? "",
    creatorId: doerOf(c).id,
    created: timestamp(),
  };
  world.state.statuses.push(status);
  await tellStatus(world, repository, status);
  world.inBackground(mergeScheduled(world, repository, sha));
  return answer(c, 201, present(world, repository, status));
}

/** Adds the routes about commit statuses. */
export function addStatusRoutes(api: Api, world: World): void {
  api.post("/repos/:owner/:repo/statuses/:ref", (c) => create(c, world));
  const list = async (c: Call): Promise<Response> => {
    const repository = repositoryFrom(c, world);
    const statuses = [...statusesOf(world, repository, await shaFrom(c, world, repository))].reverse();
    return answer(
      c,
      200,
      pageOf(c, world, statuses, true).map((status) => present(world, repository, status)),
    );
  };
  api.get("/repos/:owner/:repo/statuses/:ref", list);
  api.get("/repos/:owner/:repo/commits/:ref/statuses", list);
  api.get("/repos/:owner/:repo/commits/:ref/status", async (c) => {
    const repository = repositoryFrom(c, world);
    const sha = await shaFrom(c, world, repository);
    const statuses = latestStatuses(world, repository, sha);
    countTotal(c, statuses.length);
    const url = `${apiUrl(world, repository)}/commits/${sha}`;
    return answer(c, 200, {
      state: combinedState(statuses),
      sha,
      total_count: statuses.length,
      statuses: statuses.length > 0 ? statuses.map((status) => present(world, repository, status)) : null,
      repository: presentRepository(world, repository, permissionOf(repository, viewerOf(c))),
      commit_url: url,
      url: `${url}/status`,
    });
  });
}
