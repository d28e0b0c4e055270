/** Repositories in Gitea's JSON. */
import { type Permission, reaches } from "../access.ts";
import type { Repository } from "../state.ts";
import { fullName, userOf, type World } from "../world.ts";
import { type Json, presentUser } from "./user.ts";

/** Settings that nobody can change here. */
const FIXED = {
  has_code: true,
  has_issues: true,
  internal_tracker: {
    enable_time_tracker: true,
    allow_only_contributors_to_track_time: true,
    enable_issue_dependencies: true,
  },
  has_wiki: true,
  has_pull_requests: true,
  has_projects: true,
  projects_mode: "all",
  has_releases: true,
  has_packages: true,
  has_actions: false,
  ignore_whitespace_conflicts: false,
  allow_merge_commits: true,
  allow_rebase: true,
  allow_rebase_explicit: true,
  allow_squash_merge: true,
  allow_fast_forward_only_merge: true,
  allow_rebase_update: true,
  allow_manual_merge: false,
  autodetect_manual_merge: false,
  default_delete_branch_after_merge: false,
  default_merge_style: "merge",
  default_allow_maintainer_edit: true,
  avatar_url: "",
  internal: false,
  mirror_interval: "",
  object_format_name: "sha1",
  mirror_updated: "0001-01-01T00:00:00Z",
  topics: [],
  licenses: [],
} as const;

function counts(world: World, repository: Repository): Json {
  const open = world.state.issues.filter((issue) => issue.repositoryId === repository.id && issue.state === "open");
  const pulls = open.filter((issue) => issue.pull).length;
  return {
    stars_count: 0,
    forks_count: 0,
    watchers_count: 1,
    branch_count: 1,
    open_issues_count: open.length - pulls,
    open_pr_counter: pulls,
    release_counter: 0,
  };
}

/** A repository as somebody with `permission` sees it. */
export function presentRepository(world: World, repository: Repository, permission: Permission): Json {
  const name = fullName(world.state, repository);
  const api = `${world.url}/api/v1/repos/${name}`;
  return {
    id: repository.id,
    owner: presentUser(world, userOf(world.state, repository.ownerId)),
    name: repository.name,
    full_name: name,
    description: "",
    empty: false,
    private: repository.private,
    fork: false,
    template: false,
    mirror: false,
    size: 25,
    language: "",
    languages_url: `${api}/languages`,
    html_url: `${world.url}/${name}`,
    url: api,
    link: "",
    ssh_url: `git@localhost:${name}.git`,
    clone_url: `${world.url}/${name}.git`,
    original_url: "",
    website: "",
    ...counts(world, repository),
    default_branch: repository.defaultBranch,
    archived: repository.archived,
    created_at: repository.created,
    updated_at: repository.updated,
    archived_at: "1970-01-01T00:00:00Z",
    permissions: {
      admin: reaches(permission, "admin"),
      push: reaches(permission, "write"),
      pull: reaches(permission, "read"),
    },
    ...FIXED,
  };
}
