/** Commits and branches in Gitea's JSON: one shape in webhooks and branches, another in the commits API. */
import { type Commit, type FileChange, type Identity, listCommitChanges } from "../git-repository.ts";
import type { Protection, Repository } from "../state.ts";
import { fullName, gitFolder, type World } from "../world.ts";
import { type Json, presentUser } from "./user.ts";

const UNSIGNED = {
  verified: false,
  reason: "gpg.error.not_signed_commit",
  signature: "",
  signer: null,
  payload: "",
} as const;

function userByEmail(world: World, identity: Identity) {
  return world.state.users.find((user) => user.email !== "" && user.email === identity.email);
}

function presentIdentity(world: World, identity: Identity): Json {
  return { ...identity, username: userByEmail(world, identity)?.login ?? "" };
}

function pathsOf(changes: readonly FileChange[], status: FileChange["status"]): readonly string[] {
  return changes.filter((change) => change.status === status).map((change) => change.path);
}

function presentPayloadCommit(world: World, repository: Repository, commit: Commit): Json {
  return {
    id: commit.sha,
    message: commit.message,
    url: `${world.url}/${fullName(world.state, repository)}/commit/${commit.sha}`,
    author: presentIdentity(world, commit.author),
    committer: presentIdentity(world, commit.committer),
    timestamp: commit.authored,
  };
}

/** A commit in a push or status event. */
export async function presentPushedCommit(world: World, repository: Repository, commit: Commit): Promise<Json> {
  const changes = await listCommitChanges(gitFolder(world, repository), commit);
  return {
    ...presentPayloadCommit(world, repository, commit),
    verification: null,
    added: pathsOf(changes, "added"),
    removed: pathsOf(changes, "deleted"),
    modified: pathsOf(changes, "modified"),
  };
}

/** A commit in a branch: the files are `null` there. */
export function presentBranchCommit(world: World, repository: Repository, commit: Commit): Json {
  const files = { added: null, removed: null, modified: null };
  return { ...presentPayloadCommit(world, repository, commit), verification: UNSIGNED, ...files };
}

/** A branch with the rule that protects it. */
export function presentBranch(
  world: World,
  repository: Repository,
  branch: { readonly name: string; readonly commit: Commit; readonly canPush: boolean },
  protection: Protection | undefined,
): Json {
  return {
    name: branch.name,
    commit: presentBranchCommit(world, repository, branch.commit),
    protected: protection !== undefined,
    required_approvals: 0,
    enable_status_check: protection?.enableStatusCheck ?? false,
    status_check_contexts: protection?.contexts ?? [],
    user_can_push: branch.canPush && protection?.enablePush !== false,
    user_can_merge: branch.canPush,
    effective_branch_protection_name: protection?.name ?? "",
  };
}

/** A commit as `/git/commits/{sha}` and `/pulls/{n}/commits` answer it. */
export async function presentCommit(world: World, repository: Repository, commit: Commit): Promise<Json> {
  const name = fullName(world.state, repository);
  const api = `${world.url}/api/v1/repos/${name}/git`;
  const changes = await listCommitChanges(gitFolder(world, repository), commit);
  const author = userByEmail(world, commit.author);
  const committer = userByEmail(world, commit.committer);
  const additions = changes.reduce((sum, change) => sum + change.additions, 0);
  const deletions = changes.reduce((sum, change) => sum + change.deletions, 0);
  return {
    url: `${api}/commits/${commit.sha}`,
    sha: commit.sha,
    created: commit.committed,
    html_url: `${world.url}/${name}/commit/${commit.sha}`,
    commit: {
      url: `${api}/commits/${commit.sha}`,
      author: { ...commit.author, date: commit.authored },
      committer: { ...commit.committer, date: commit.committed },
      message: commit.message,
      tree: { url: `${api}/trees/${commit.sha}`, sha: commit.sha, created: commit.committed },
      verification: UNSIGNED,
    },
    author: author ? presentUser(world, author) : null,
    committer: committer ? presentUser(world, committer) : null,
    parents: commit.parents.map((sha) => ({ url: `${api}/commits/${sha}`, sha, created: "0001-01-01T00:00:00Z" })),
    files: changes.map((change) => ({ filename: change.path, status: change.status })),
    stats: { total: additions + deletions, additions, deletions },
  };
}
