/** Commit statuses of a commit. */
import type { Repository, Status } from "./state.ts";
import type { World } from "./world.ts";

/** All statuses of a commit, oldest first. */
export function statusesOf(world: World, repository: Repository, sha: string): readonly Status[] {
  return world.state.statuses.filter((status) => status.repositoryId === repository.id && status.sha === sha);
}

/** The newest status of each context, oldest first. */
export function latestStatuses(world: World, repository: Repository, sha: string): readonly Status[] {
  const latest = new Map<string, Status>();
  for (const status of statusesOf(world, repository, sha)) latest.set(status.context, status);
  return [...latest.values()].sort((a, b) => a.index - b.index);
}
