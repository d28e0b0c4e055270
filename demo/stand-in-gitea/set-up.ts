/** Making users, organisations and repositories. */
import { createHash } from "node:crypto";
import { createGitRepository } from "./git-repository.ts";
import { nextId, type Repository, type User } from "./state.ts";
import { findUser, gitFolder, timestamp, type World } from "./world.ts";

const TOKEN_LENGTH = 40;

/** A user with an address at example.org. */
export function makeUser(
  world: World,
  user: {
    readonly login: string;
    readonly kind: User["kind"];
    readonly admin: boolean;
    readonly mustChangePassword?: boolean;
  },
): User {
  const { login, kind, admin } = user;
  const email = kind === "organization" ? "" : `${login}@example.org`;
  const id = nextId(world.state, "user");
  const made = {
    id,
    login,
    kind,
    admin,
    email,
    created: timestamp(),
    mustChangePassword: user.mustChangePassword ?? false,
  };
  world.state.users.push(made);
  return made;
}

/** A token of a user; `scopes: null` means all. */
export function makeToken(world: World, user: User, scopes: readonly string[] | null): string {
  const source = `${user.login} ${nextId(world.state, "token")} ${world.random()}`;
  const value = createHash("sha256").update(source).digest("hex").slice(0, TOKEN_LENGTH);
  world.state.tokens.push({ value, userId: user.id, scopes });
  return value;
}

/** An organisation, owned by the site's admins. */
export function makeOrganization(world: World, login: string): User {
  return makeUser(world, { login, kind: "organization", admin: false });
}

/** A repository with a first commit; an owner that nobody knows becomes an organisation. */
export async function makeRepository(
  world: World,
  name: string,
  options: { readonly files: Readonly<Record<string, string>>; readonly private: boolean; readonly author?: User },
): Promise<Repository> {
  const [owner = "", repositoryName = ""] = name.split("/");
  const ownerUser = findUser(world.state, owner) ?? makeOrganization(world, owner);
  const now = timestamp();
  const repository: Repository = {
    id: nextId(world.state, "repository"),
    ownerId: ownerUser.id,
    name: repositoryName,
    private: options.private,
    archived: false,
    defaultBranch: "main",
    created: now,
    updated: now,
    nextNumber: 1,
    collaborators: {},
  };
  const author = { name: options.author?.login ?? owner, email: options.author?.email ?? `${owner}@example.org` };
  const first = { files: options.files, branch: repository.defaultBranch, author };
  await createGitRepository(gitFolder(world, repository), first);
  world.state.repositories.push(repository);
  return repository;
}
