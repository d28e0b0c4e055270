/** The key of an edit of a comment, told alike from the delivery that announces it and from the comment as it is read. */
import { createHash } from "node:crypto";
import type { Comment } from "../ports/forge.ts";

/** Enough of a hash to tell the texts of one comment in one second apart. */
const TEXT_LENGTH = 16;

/** Keys of one comment are in the order of its edits. */
export function editKey({ id, body, updatedAt }: Pick<Comment, "id" | "body" | "updatedAt">): string {
  const text = createHash("sha256").update(body).digest("hex").slice(0, TEXT_LENGTH);
  return `${updatedAt}:${id}:${text}`;
}
