/**
 * Webhooks of a repository.
 *
 * `ensureHook` is convergent: one active hook with this address exists, with at least these events. A hook whose secret may
 * differ cannot be told from one whose secret is right, because no forge gives it back: `replace` makes it anew.
 * Only an administrator of the repository may see or make hooks; others get a `ParkError`.
 */
import type { RepositoryName } from "../domain/ids.ts";

/** A webhook as it should be. */
export interface HookWanted {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
  /** Also when nothing seems to be wrong with it. */
  readonly replace?: boolean;
}

/** What was done about it. */
export type HookChange = "made" | "unchanged" | "replaced";

/** The webhooks of repositories, as the bot may change them. */
export interface Hooks {
  ensureHook(repository: RepositoryName, hook: HookWanted): Promise<HookChange>;
  /** The id of the active hook with this address. */
  findHook(repository: RepositoryName, url: string): Promise<number | undefined>;
  /** Asks the forge to send a test delivery through the hook. An empty repository sends none. */
  testHook(repository: RepositoryName, hook: number): Promise<void>;
}
