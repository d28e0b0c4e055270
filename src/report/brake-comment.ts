/** Said once to an account that is not heard any more for a while. */
import { HEARD_AN_HOUR } from "../domain/brake.ts";
import { inlineCode } from "../lib/text.ts";
import { timeOfDay } from "./figures.ts";

/** The comment's text, without its key line. */
export function brakeComment(login: string, until: number): string {
  return (
    `${inlineCode(login)} gave me commands in ${HEARD_AN_HOUR} comments here within an hour, which looks like a loop. ` +
    `I obey and answer none of theirs until ${timeOfDay(until)}; then please write what is still wanted again.`
  );
}
