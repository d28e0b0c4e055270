/** Text from outside made fit for a prompt: nothing hidden in it, and no way out of its place. */
import { removeInvisible } from "../lib/text.ts";

const HTML_COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
/** Says what is missing where text was cut. */
const CUT_NOTE = "\n[… cut: the rest is on the issue]";

/** The text as a person sees it: without HTML comments and invisible characters, line ends as `\n`. */
export function sanitise(text: string): string {
  return removeInvisible(text.replace(/\r\n?/g, "\n")).replace(HTML_COMMENT, "").trim();
}

/** Text between tags that it cannot close itself, with at most `max` characters. */
export function delimit(tag: string, text: string, max: number): string {
  const inside = text.length <= max ? text : `${text.slice(0, max)}${CUT_NOTE}`;
  return `<${tag}>\n${inside.replace(tagLike(tag), "‹$1")}\n</${tag}>`;
}

/** Both of the tag's forms, also with blanks inside. */
function tagLike(tag: string): RegExp {
  return new RegExp(`<(\\s*(?:/\\s*)?${tag})`, "gi");
}
