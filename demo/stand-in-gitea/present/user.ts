/** Users in Gitea's JSON. */
import { createHash } from "node:crypto";
import type { User } from "../state.ts";
import type { World } from "../world.ts";

/** An object as it goes out. */
export type Json = Readonly<Record<string, unknown>>;

/** Gitea's zero time. */
const ZERO_TIME = "0001-01-01T00:00:00Z";
/** Gitea's "never logged in", told to those who may know. */
const NEVER = "1970-01-01T00:00:00Z";

/** Who looks: decides which fields of a user are the truth. */
export type Viewer = User | undefined;

/** A user as `viewer` sees it; webhooks and most nested users have no viewer and so show placeholders. */
export function presentUser(world: World, user: User, viewer?: Viewer): Json {
  const knowsAll = viewer !== undefined && (viewer.admin || viewer.id === user.id);
  const hidden = user.kind === "organization" ? "" : `${user.id}+${user.login.toLowerCase()}@noreply.localhost`;
  return {
    id: user.id,
    login: user.login,
    login_name: "",
    source_id: 0,
    full_name: "",
    email: viewer ? user.email : hidden,
    avatar_url: `${world.url}/avatars/${createHash("md5").update(user.login).digest("hex")}`,
    html_url: `${world.url}/${user.login}`,
    language: "",
    is_admin: knowsAll && user.admin,
    last_login: knowsAll ? NEVER : ZERO_TIME,
    created: user.created,
    restricted: false,
    active: knowsAll,
    prohibit_login: false,
    location: "",
    website: "",
    description: "",
    visibility: "public",
    followers_count: 0,
    following_count: 0,
    starred_repos_count: 0,
    username: user.login,
  };
}

/** An organisation as `/orgs` answers it. */
export function presentOrganization(world: World, user: User): Json {
  return {
    id: user.id,
    name: user.login,
    full_name: "",
    email: "",
    avatar_url: `${world.url}/avatars/${createHash("md5").update(user.login).digest("hex")}`,
    description: "",
    website: "",
    location: "",
    visibility: "public",
    repo_admin_change_team_access: false,
    username: user.login,
  };
}
