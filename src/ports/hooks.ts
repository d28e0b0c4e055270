/**
 * Webhooks of a repository.
 *
 * `ensureHook` is convergent: one active hook with this address exists, with at least these events. A hook whose secret may
 * differ cannot be told from one whose secret is right, because no forge gives it back: `replace` makes it anew.
 */
import type { RepositoryName } from "../domain/ids.ts";

/** A hook as it must be. */
export interface HookWanted {
  readonly url: string;
  readonly secret: string;
  readonly events: readonly string[];
}

/** What had to be done for it. */
export type HookChange = "made" | "unchanged" | "replaced";

export interface Hooks {
  ensureHook(repository: RepositoryName, hook: HookWanted): Promise<HookChange>;
  /** The id of the active hook with this address. */
  findHook(repository: RepositoryName, url: string): Promise<number | undefined>;
  /** Asks the forge to send a test delivery through the hook. */
  testHook(repository: RepositoryName, hook: number): Promise<void>;
}
