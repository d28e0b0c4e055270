/** Who is calling, and what they may do. */
import { timingSafeEqual } from "node:crypto";
import type { Repository, State, Token, User } from "./state.ts";
import { userOf } from "./world.ts";

/** What somebody may do in a repository, least first. */
export const PERMISSIONS = ["none", "read", "write", "admin", "owner"] as const;
/** One of `PERMISSIONS`. */
export type Permission = (typeof PERMISSIONS)[number];

/** The token of a call and its user. */
export interface Caller {
  readonly user: User;
  readonly token: Token;
}

function tokenFrom(state: State, value: string): Token | undefined {
  const given = Buffer.from(value);
  return state.tokens.find(
    (token) => token.value.length === given.length && timingSafeEqual(Buffer.from(token.value), given),
  );
}

/** The token in `token x`, `Bearer x`, `Basic anything:x` or `Basic x:`. */
function tokenValue(authorization: string): string {
  const [scheme = "", credentials = ""] = authorization.split(" ");
  if (scheme.toLowerCase() !== "basic") return credentials;
  const [name = "", password = ""] = Buffer.from(credentials, "base64").toString().split(":");
  return password === "" || password === "x-oauth-basic" ? name : password;
}

/** The caller of an `Authorization` header; `invalid` when it names no token that exists. */
export function callerFrom(state: State, authorization: string | undefined): Caller | undefined | "invalid" {
  if (!authorization) return undefined;
  const token = tokenFrom(state, tokenValue(authorization));
  return token ? { user: userOf(state, token.userId), token } : "invalid";
}

/** What a user (or anybody, without one) may do in a repository. */
export function permissionOf(repository: Repository, user: User | undefined): Permission {
  if (user?.admin || user?.id === repository.ownerId) return "owner";
  const granted = user && repository.collaborators[user.id];
  return granted ?? (repository.private ? "none" : "read");
}

/** Whether a permission is at least another one. */
export function reaches(permission: Permission, least: Permission): boolean {
  return PERMISSIONS.indexOf(permission) >= PERMISSIONS.indexOf(least);
}

/** Whether a user may do what needs `least`. */
export function can(repository: Repository, user: User | undefined, least: Permission): boolean {
  return reaches(permissionOf(repository, user), least);
}
