/** What a pull request is to say: all of it where it is ours, else our part below its author's words. */
import { draftTitle } from "./draft-title.ts";
import { unixLines } from "./unix-lines.ts";

const OUR_PART_BEGINS = "<!-- steward:pull -->";
const OUR_PART_ENDS = "<!-- steward:pull end -->";

interface PullWords {
  readonly title: string;
  readonly body: string;
}

/** Title and text for a pull request of ours. */
export function ownPullWords({ title, body }: PullWords, draft: boolean): PullWords {
  return { title: draftTitle(title, draft), body };
}

/** Title and text for somebody else's: of theirs only the draft's prefix changes. */
export function foreignPullWords(present: PullWords, { body }: PullWords, draft: boolean): PullWords {
  const text = unixLines(present.body);
  const part = `${OUR_PART_BEGINS}\n${unixLines(body)}\n${OUR_PART_ENDS}`;
  const begin = text.indexOf(OUR_PART_BEGINS);
  const end = text.lastIndexOf(OUR_PART_ENDS);
  const isThere = begin >= 0 && end > begin;
  const above = isThere ? text.slice(0, begin) : text.trimEnd() === "" ? "" : `${text.trimEnd()}\n\n`;
  const below = isThere ? text.slice(end + OUR_PART_ENDS.length) : "";
  return { title: draftTitle(present.title, draft), body: `${above}${part}${below}` };
}
