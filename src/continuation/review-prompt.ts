/** A person's review that asks for changes, as the instruction of the next session. */

import { inlineCode } from "../lib/text.ts";
import type { Review } from "../ports/forge.ts";
import { delimit, sanitise } from "./sanitise.ts";

const MAX_BODY = 8_000;
const MAX_COMMENTS = 30;
const MAX_COMMENT = 1_000;
const MAX_PATH = 200;

/** The instruction's text. Comments of a review are from outside, like the text. */
export function reviewPrompt(review: Pick<Review, "author" | "body" | "comments">): string {
  const body = sanitise(review.body);
  const shown = review.comments.slice(0, MAX_COMMENTS);
  const rest = review.comments.length - shown.length;
  return [
    `${inlineCode(review.author.login)} reviewed the work when all its gates passed, and asks for changes. Make them; every gate must pass afterwards.`,
    ...(body === "" ? [] : [delimit("review", body, MAX_BODY)]),
    ...shown.map(commentPart),
    ...(rest > 0 ? [`${rest} more comments are on the pull request.`] : []),
    "Take up every point. Where one contradicts the issue, the review counts: it is newer.",
  ].join("\n\n");
}

function commentPart({ path, line, body }: Review["comments"][number]): string {
  const file = inlineCode(path.length <= MAX_PATH ? path : path.slice(0, MAX_PATH));
  const place = line === undefined ? file : `${file}, line ${line}`;
  return `${place}:\n\n${delimit("review-comment", sanitise(body), MAX_COMMENT)}`;
}
