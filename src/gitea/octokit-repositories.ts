/** Repositories, branches, files, rights and commit statuses: the forge port's part about them. */
import type { CommitStatus } from "../domain/commit-status.ts";
import { ownerAndRepo, type RepositoryName, type Sha } from "../domain/ids.ts";
import type { Forge, Permission } from "../ports/forge.ts";
import {
  AccountAnswer,
  BranchAnswer,
  FileAnswer,
  PermissionAnswer,
  RepositoryAnswer,
  StatusAnswer,
} from "./forge-schema.ts";
import type { ForgeCalls } from "./octokit-call.ts";

type Repositories = Pick<
  Forge,
  "readRepository" | "readFile" | "readBranch" | "permissionOf" | "listStatuses" | "ensureStatuses" | "ensureBranch"
>;

const REPOSITORY = "/repos/{owner}/{repo}";

const PERMISSIONS: Readonly<Record<string, Permission>> = {
  owner: "write",
  admin: "write",
  write: "write",
  read: "read",
  none: "none",
};

/** Repositories through the API. */
export function createOctokitRepositories(calls: ForgeCalls): Repositories {
  async function readBranch(repository: RepositoryName, branch: string): Promise<Sha | undefined> {
    return calls.find(BranchAnswer, `GET ${REPOSITORY}/branches/{branch}`, { ...ownerAndRepo(repository), branch });
  }

  async function listStatuses(repository: RepositoryName, sha: Sha): Promise<readonly CommitStatus[]> {
    const place = { ...ownerAndRepo(repository), sha };
    const statuses = await calls.list(StatusAnswer, `GET ${REPOSITORY}/commits/{sha}/statuses`, place);
    const newest = new Map<string, (typeof statuses)[number]>();
    for (const entry of statuses.sort((a, b) => a.id - b.id)) newest.set(entry.status.context, entry);
    return [...newest.values()].map(({ status }) => status);
  }

  return {
    readBranch,
    listStatuses,

    async readRepository(repository) {
      const answer = await calls.find(RepositoryAnswer, `GET ${REPOSITORY}`, ownerAndRepo(repository));
      return answer?.repository;
    },

    readFile: (repository, path, ref) =>
      calls.find(FileAnswer, `GET ${REPOSITORY}/contents/{path}`, { ...ownerAndRepo(repository), path, ref }),

    async permissionOf(repository, { id, login }) {
      const place = { ...ownerAndRepo(repository), login };
      const route = `GET ${REPOSITORY}/collaborators/{login}/permission`;
      const isThere = await calls.find(PermissionAnswer, route, place, [403, 404]);
      if (isThere === undefined) return (await isNobody(login)) ? "none" : "unknown";
      // The name may belong to somebody else since.
      if (isThere.user && isThere.user.id !== id) return "none";
      return PERMISSIONS[isThere.permission] ?? "unknown";
    },

    async ensureStatuses(repository, sha, statuses) {
      const present = new Map((await listStatuses(repository, sha)).map((status) => [status.context, status]));
      const post = async (status: CommitStatus): Promise<void> => {
        const { context, state, description, targetUrl } = status;
        if (isSame(present.get(context), status)) return;
        await calls.write(`POST ${REPOSITORY}/statuses/{sha}`, {
          ...ownerAndRepo(repository),
          sha,
          context,
          state,
          description,
          target_url: targetUrl ?? "",
        });
      };
      // The last one sums up the others, and is never there before them.
      await Promise.all(statuses.slice(0, -1).map(post));
      await Promise.all(statuses.slice(-1).map(post));
    },

    async ensureBranch(repository, branch, from) {
      if ((await readBranch(repository, branch)) !== undefined) return;
      const body = { new_branch_name: branch, old_ref_name: from };
      // 409: somebody made it since.
      await calls.write(`POST ${REPOSITORY}/branches`, { ...ownerAndRepo(repository), ...body }, [409]);
    },
  };

  async function isNobody(login: string): Promise<boolean> {
    return (await calls.find(AccountAnswer, "GET /users/{login}", { login })) === undefined;
  }
}

function isSame(present: CommitStatus | undefined, wanted: CommitStatus): boolean {
  return (
    present?.state === wanted.state &&
    present.description === wanted.description &&
    (present.targetUrl ?? "") === (wanted.targetUrl ?? "")
  );
}
