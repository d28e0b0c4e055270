/**
 * How the forge takes the bot's account and token: for `doctor` and `init`, which tell people what to mend.
 *
 * Nothing here changes anything. `standing` is asked first; the other calls assume that it was `welcome`, and reject with a
 * `StewardError` where the forge fails. A right that is missing is an answer, never an error.
 */
import type { RepositoryName } from "../domain/ids.ts";

/** What became of the first call. */
export type Standing =
  | { readonly kind: "welcome"; readonly version: string }
  /** Nothing answers; `status` is that of a server or proxy that is in trouble. */
  | { readonly kind: "unreachable"; readonly status: number | undefined }
  | { readonly kind: "not-a-forge" }
  | { readonly kind: "unknown-token" }
  /** The token is right and every call is refused: the account must change its password, or may not sign in. */
  | { readonly kind: "account-refused" };

/** What the account may do in a repository; `none` also where there is no such repository. */
export type Right = "admin" | "write" | "read" | "none";

export interface Access {
  standing(): Promise<Standing>;
  /** Whether the token has this scope; `undefined` for a scope that cannot be tried without changing anything. */
  hasScope(scope: string): Promise<boolean | undefined>;
  rightIn(repository: RepositoryName): Promise<Right>;
}
