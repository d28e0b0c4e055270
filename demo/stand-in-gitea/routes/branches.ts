/** Routes about branches and the rules that protect them. */
import { z } from "zod";
import { can } from "../access.ts";
import { ApiError, notFound } from "../api-error.ts";
import { git } from "../git.ts";
import { listRefs, NO_COMMIT, readCommit, resolveBranch, resolveCommit } from "../git-repository.ts";
import { presentBranch } from "../present/commit.ts";
import type { Json } from "../present/user.ts";
import { handleRefChange } from "../ref-changes.ts";
import type { Protection, Repository } from "../state.ts";
import { gitFolder, timestamp, type World } from "../world.ts";
import {
  ADMIN_NEEDED,
  type Api,
  answer,
  answerEmpty,
  type Call,
  doerOf,
  pageOf,
  parameter,
  readBody,
  repositoryFor,
  repositoryFrom,
  viewerOf,
} from "./call.ts";

const NewBranch = z.object({
  new_branch_name: z.string().min(1),
  old_ref_name: z.string().nullish(),
  old_branch_name: z.string().nullish(),
});
const NewProtection = z.object({
  rule_name: z.string(),
  enable_push: z.boolean().nullish(),
  enable_status_check: z.boolean().nullish(),
  status_check_contexts: z.array(z.string()).nullish(),
});

const HEADS = "refs/heads/";

/** The rule of a branch. */
export function protectionOf(world: World, repository: Repository, branch: string): Protection | undefined {
  return world.state.protections.find((rule) => rule.repositoryId === repository.id && rule.name === branch);
}

async function show(c: Call, world: World, repository: Repository, name: string, sha: string): Promise<Json> {
  const commit = await readCommit(gitFolder(world, repository), sha);
  const canPush = can(repository, viewerOf(c), "write");
  return presentBranch(world, repository, { name, commit, canPush }, protectionOf(world, repository, name));
}

async function create(c: Call, world: World): Promise<Response> {
  const repository = repositoryFor(c, world, "write");
  const folder = gitFolder(world, repository);
  const wish = await readBody(c, NewBranch);
  const name = wish.new_branch_name;
  const after = await resolveCommit(folder, wish.old_ref_name || wish.old_branch_name || repository.defaultBranch);
  if (!after) throw new ApiError(404, "The old branch does not exist");
  await world.withRefs(repository, async () => {
    if (await resolveBranch(folder, name)) throw new ApiError(409, "The branch already exists.");
    await git(folder, ["update-ref", `${HEADS}${name}`, after, NO_COMMIT]);
    await handleRefChange(world, repository, { ref: `${HEADS}${name}`, before: NO_COMMIT, after }, doerOf(c));
  });
  return answer(c, 201, await show(c, world, repository, name, after));
}

async function remove(c: Call, world: World): Promise<Response> {
  const repository = repositoryFor(c, world, "write");
  const folder = gitFolder(world, repository);
  const name = decodeURIComponent(parameter(c, "branch"));
  if (name === repository.defaultBranch)
    throw new ApiError(403, "can not delete default or pull request target branch");
  if (protectionOf(world, repository, name)) throw new ApiError(403, "branch protected");
  await world.withRefs(repository, async () => {
    const before = await resolveBranch(folder, name);
    if (!before) throw notFound();
    await git(folder, ["update-ref", "-d", `${HEADS}${name}`, before]);
    await handleRefChange(world, repository, { ref: `${HEADS}${name}`, before, after: NO_COMMIT }, doerOf(c));
  });
  return answerEmpty(c, 204);
}

function presentProtection(rule: Protection): Json {
  return {
    branch_name: rule.name,
    rule_name: rule.name,
    priority: 1,
    enable_push: rule.enablePush,
    enable_push_whitelist: false,
    push_whitelist_usernames: [],
    push_whitelist_teams: [],
    push_whitelist_deploy_keys: false,
    enable_force_push: false,
    enable_force_push_allowlist: false,
    force_push_allowlist_usernames: [],
    force_push_allowlist_teams: [],
    force_push_allowlist_deploy_keys: false,
    enable_merge_whitelist: false,
    merge_whitelist_usernames: [],
    merge_whitelist_teams: [],
    enable_status_check: rule.enableStatusCheck,
    status_check_contexts: rule.contexts,
    required_approvals: 0,
    enable_approvals_whitelist: false,
    approvals_whitelist_username: [],
    approvals_whitelist_teams: [],
    block_on_rejected_reviews: false,
    block_on_official_review_requests: false,
    block_on_outdated_branch: false,
    dismiss_stale_approvals: false,
    ignore_stale_approvals: false,
    require_signed_commits: false,
    protected_file_patterns: "",
    unprotected_file_patterns: "",
    block_admin_merge_override: false,
    created_at: rule.created,
    updated_at: rule.created,
  };
}

function addProtectionRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/branch_protections";
  api.post(path, async (c) => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    const wish = await readBody(c, NewProtection);
    const rule: Protection = {
      repositoryId: repository.id,
      name: wish.rule_name,
      enablePush: wish.enable_push ?? false,
      enableStatusCheck: wish.enable_status_check ?? false,
      contexts: wish.status_check_contexts ?? [],
      created: timestamp(),
    };
    world.state.protections.push(rule);
    return answer(c, 201, presentProtection(rule));
  });
  api.delete(`${path}/:name`, (c) => {
    const repository = repositoryFor(c, world, "admin", ADMIN_NEEDED);
    const gone = protectionOf(world, repository, decodeURIComponent(parameter(c, "name")));
    if (!gone) throw notFound();
    world.state.protections = world.state.protections.filter((rule) => rule !== gone);
    return answerEmpty(c, 204);
  });
}

/** Adds the routes about branches and their protection. */
export function addBranchRoutes(api: Api, world: World): void {
  const path = "/repos/:owner/:repo/branches";
  api.get(path, async (c) => {
    const repository = repositoryFrom(c, world);
    const refs = [...(await listRefs(gitFolder(world, repository)))].filter(([name]) => name.startsWith(HEADS));
    const page = pageOf(c, world, refs, true);
    const shown = page.map(([name, sha]) => show(c, world, repository, name.slice(HEADS.length), sha));
    return answer(c, 200, await Promise.all(shown));
  });
  api.post(path, (c) => create(c, world));
  api.get(`${path}/:branch{.+}`, async (c) => {
    const repository = repositoryFrom(c, world);
    const name = decodeURIComponent(parameter(c, "branch"));
    const sha = await resolveBranch(gitFolder(world, repository), name);
    if (!sha) throw notFound(`branch does not exist [repo_id: ${repository.id} name: ${name}]`);
    return answer(c, 200, await show(c, world, repository, name, sha));
  });
  api.delete(`${path}/:branch{.+}`, (c) => remove(c, world));
  addProtectionRoutes(api, world);
}
