/** Drafts are pull requests whose title starts with a prefix. */

const DRAFT_PREFIX = /^(?:wip:|\[wip\])\s*/i;

/** True when Gitea takes a pull request with this title for a draft. */
export function isDraftTitle(title: string): boolean {
  return DRAFT_PREFIX.test(title);
}

/** The title with the prefix, or without any. */
export function draftTitle(title: string, draft: boolean): string {
  const plain = plainTitle(title);
  return draft ? `WIP: ${plain}` : plain;
}

function plainTitle(title: string): string {
  const rest = title.replace(DRAFT_PREFIX, "");
  return rest === title ? title : plainTitle(rest);
}
