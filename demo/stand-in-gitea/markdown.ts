/** Comments as people see them: Gitea's Markdown, with the little raw HTML that its pages show. */
import { Marked } from "marked";

const ALLOWED_TAGS = new Set(
  "a b blockquote br code del details dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li ol p pre s span strong sub summary sup table tbody td th thead tr ul".split(
    " ",
  ),
);
const ALLOWED_ATTRIBUTES = new Set([
  "align",
  "alt",
  "checked",
  "disabled",
  "height",
  "href",
  "open",
  "src",
  "title",
  "type",
  "width",
]);
const SAFE_ADDRESS = /^(?:https?:|\/|#|[\w./-]*$)/i;

const COMMENT = /<!--[\s\S]*?(?:-->|$)/g;
const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s+[^<>]*?)?)\s*(\/?)>/gi;
const ATTRIBUTE = /([a-z-]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/gi;

/** Text as it can stand in HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");
}

function keptAttributes(text: string): string {
  return [...text.matchAll(ATTRIBUTE)]
    .map(([, name = "", double, single, bare]) => ({ name: name.toLowerCase(), value: double ?? single ?? bare }))
    .filter(({ name }) => ALLOWED_ATTRIBUTES.has(name))
    .filter(({ name, value = "" }) => (name !== "href" && name !== "src") || SAFE_ADDRESS.test(value))
    .map(({ name, value }) => (value === undefined ? ` ${name}` : ` ${name}="${value.replace(/"/g, "&quot;")}"`))
    .join("");
}

/** Raw HTML with nothing in it that runs: unknown tags become text, comments vanish. */
function sanitise(html: string): string {
  const parts: string[] = [];
  const text = html.replace(COMMENT, "");
  let end = 0;
  for (const match of text.matchAll(TAG)) {
    const [whole, slash = "", name = "", attributes = "", selfClosing = ""] = match;
    parts.push(text.slice(end, match.index).replace(/</g, "&lt;").replace(/>/g, "&gt;"));
    const tag = name.toLowerCase();
    parts.push(
      ALLOWED_TAGS.has(tag) ? `<${slash}${tag}${keptAttributes(attributes)}${selfClosing}>` : escapeHtml(whole),
    );
    end = match.index + whole.length;
  }
  parts.push(text.slice(end).replace(/</g, "&lt;").replace(/>/g, "&gt;"));
  return parts.join("");
}

/** Markdown as HTML that is safe to show. */
export function renderMarkdown(text: string): string {
  const marked = new Marked({ gfm: true, breaks: true });
  marked.use({ renderer: { html: ({ text: html }) => sanitise(html) } });
  return sanitise(marked.parse(text, { async: false }));
}
