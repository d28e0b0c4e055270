/** What every part of the stand-in works on: the state, the repositories on disk, and how to tell others of a change. */
import { join } from "node:path";
import type { Comparisons } from "./comparisons.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Faults } from "./faults.ts";
import type { Repository, State, User } from "./state.ts";

/** A running stand-in from the inside. */
export interface World {
  readonly state: State;
  readonly url: string;
  readonly folder: string;
  readonly deliveries: Deliveries;
  readonly faults: Faults;
  readonly comparisons: Comparisons;
  /** Numbers from 0 up to 1, the same ones for the same seed. */
  readonly random: () => number;
  /** Writes the state down when the stand-in is asked to keep it. */
  save(): void;
  /** Runs `act` when no other act on the same repository's refs is under way. */
  withRefs<T>(repository: Repository, act: () => Promise<T>): Promise<T>;
  /** Keeps track of work that goes on after an answer. */
  inBackground(work: Promise<void>): void;
}

/** Now, as Gitea writes times. */
export function timestamp(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** The folder of a bare repository; by id, so that a rename moves nothing. */
export function gitFolder(world: Pick<World, "folder">, repository: Repository): string {
  return join(world.folder, "git", `${repository.id}.git`);
}

/** The user of an id that the state holds. */
export function userOf(state: State, id: number): User {
  const user = state.users.find((candidate) => candidate.id === id);
  if (!user) throw new Error(`no user ${id}`);
  return user;
}

/** A user by name, in any case. */
export function findUser(state: State, login: string): User | undefined {
  return state.users.find((user) => user.login.toLowerCase() === login.toLowerCase());
}

/** The repository of an id that the state holds. */
export function repositoryOf(state: State, id: number): Repository {
  const repository = state.repositories.find((candidate) => candidate.id === id);
  if (!repository) throw new Error(`no repository ${id}`);
  return repository;
}

/** `owner/name`. */
export function fullName(state: State, repository: Repository): string {
  return `${userOf(state, repository.ownerId).login}/${repository.name}`;
}

/** A repository by `owner/name`, in any case. */
export function findRepository(state: State, name: string): Repository | undefined {
  return state.repositories.find((candidate) => fullName(state, candidate).toLowerCase() === name.toLowerCase());
}
