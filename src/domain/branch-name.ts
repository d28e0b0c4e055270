/** The branch of a task: made once, from the title as it is then. */
import { z } from "zod";

/** `steward/issue-42-retry-uploads`; nothing else is a branch of a task. */
export const BranchName = z.string().regex(/^steward\/issue-[1-9]\d*(?:-[a-z0-9]+)*$/);

/** Length of the title's part. */
const SLUG_LENGTH = 40;

/** The name for an issue, from its number and its present title. */
export function branchNameFor(number: number, title: string): string {
  const words = title
    .toLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  const whole = words.slice(0, SLUG_LENGTH + 1).replace(/-[^-]*$/, "");
  const slug = words.length <= SLUG_LENGTH ? words : whole.slice(0, SLUG_LENGTH);
  return slug === "" ? `steward/issue-${number}` : `steward/issue-${number}-${slug}`;
}
