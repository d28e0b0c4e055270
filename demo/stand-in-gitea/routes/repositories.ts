/** Routes about repositories: reading, renaming, deleting, collaborators, who can be assigned. */
import { rm } from "node:fs/promises";
import { z } from "zod";
import { can, permissionOf } from "../access.ts";
import { ApiError, notFound } from "../api-error.ts";
import { tellHooks } from "../notify.ts";
import { presentRepository } from "../present/repository.ts";
import { presentUser } from "../present/user.ts";
import type { Repository, User } from "../state.ts";
import { findUser, fullName, gitFolder, timestamp, userOf, type World } from "../world.ts";
import {
  ADMIN_NEEDED,
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  parameter,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";

const PERMISSION_REFUSED =
  "Only admins can query all permissions, repo admins can query all repo permissions, collaborators can query only their own";

const Change = z.object({
  name: z.string().optional(),
  private: z.boolean().optional(),
  archived: z.boolean().optional(),
});
const Grant = z.object({ permission: z.enum(["read", "write", "admin"]).optional() });

function present(c: Call, world: World, repository: Repository): Response {
  return answer(c, 200, presentRepository(world, repository, permissionOf(repository, viewerOf(c))));
}

function userFrom(c: Call, world: World): User {
  const user = findUser(world.state, parameter(c, "login"));
  if (!user) throw new ApiError(404, `user does not exist [uid: 0, name: ${parameter(c, "login")}]`);
  return user;
}

async function removeRepository(world: World, repository: Repository, doer: User): Promise<void> {
  const { state } = world;
  const issues = new Set(state.issues.filter((issue) => issue.repositoryId === repository.id).map((issue) => issue.id));
  const owner = userOf(state, repository.ownerId);
  const payload = {
    action: "deleted",
    repository: presentRepository(world, repository, "owner"),
    organization: presentUser(world, owner),
    sender: presentUser(world, doer),
  };
  state.hooks = state.hooks.filter((hook) => hook.repositoryId !== repository.id);
  state.repositories = state.repositories.filter((other) => other.id !== repository.id);
  state.issues = state.issues.filter((issue) => !issues.has(issue.id));
  state.entries = state.entries.filter((entry) => !issues.has(entry.issueId));
  tellHooks(world, repository, "repository", payload);
  await rm(gitFolder(world, repository), { recursive: true, force: true });
}

function addCollaboratorRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/collaborators/:login";
  api.get(path, (c) => {
    const repository = repositoryFrom(c, world);
    const user = findUser(world.state, parameter(c, "login"));
    if (!user || repository.collaborators[user.id] === undefined) throw notFound();
    return answerEmpty(c, 204);
  });
  api.put(path, async (c) => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    const { permission = "write" } = await readBody(c, Grant);
    repository.collaborators[userFrom(c, world).id] = permission;
    return answerEmpty(c, 204);
  });
  api.delete(path, (c) => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    delete repository.collaborators[userFrom(c, world).id];
    return answerEmpty(c, 204);
  });
  api.get(`${path}/permission`, (c) => {
    const repository = repositoryFrom(c, world);
    const doer = doerOf(c);
    const isSelf = doer.login.toLowerCase() === parameter(c, "login").toLowerCase();
    if (!isSelf && !can(repository, doer, "admin")) throw new ApiError(403, PERMISSION_REFUSED);
    const user = userFrom(c, world);
    const permission = permissionOf(repository, user);
    const shown = { ...presentUser(world, user, doer) };
    return answer(c, 200, { permission, role_name: permission, user: shown });
  });
}

/** Adds the routes about repositories and collaborators. */
export function addRepositoryRoutes(api: Api, world: World): void {
  api.get("/repos/:owner/:repo", (c) => present(c, world, repositoryFrom(c, world)));
  api.patch("/repos/:owner/:repo", async (c) => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    const change = await readBody(c, Change);
    const from = fullName(world.state, repository);
    if (change.name !== undefined && change.name !== repository.name) {
      repository.name = change.name;
      world.state.redirects.push({ from: from.toLowerCase(), repositoryId: repository.id });
    }
    repository.private = change.private ?? repository.private;
    repository.archived = change.archived ?? repository.archived;
    repository.updated = timestamp();
    return present(c, world, repository);
  });
  api.delete("/repos/:owner/:repo", async (c) => {
    await removeRepository(world, repositoryFor(c, world, "owner", ADMIN_NEEDED), doerOf(c));
    return answerEmpty(c, 204);
  });
  addCollaboratorRoutes(api, world);
  api.get("/repos/:owner/:repo/assignees", (c) => {
    const repository = repositoryFrom(c, world);
    const people = world.state.users.filter((user) => user.kind !== "organization" && can(repository, user, "write"));
    const sorted = people.sort((a, b) => a.login.localeCompare(b.login));
    return answer(
      c,
      200,
      sorted.map((user) => presentUser(world, user, viewerOf(c))),
    );
  });
}
