/** Drafts are told by their title alone. */

/** Whether a title marks a pull request as work in progress. */
export function isDraft(title: string): boolean {
  return /^(?:WIP:|\[WIP\])/i.test(title);
}
