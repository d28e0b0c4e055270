/** Issue references in text: `#12`, `owner/repo#12`, and the forge's own issue URLs. */
import { type RepositoryName, TaskId } from "./ids.ts";

/** A reference and where it stands in the text. */
export interface IssueReference {
  readonly issue: TaskId;
  readonly start: number;
  readonly end: number;
}

/** What a reference is read against: the repository of the text, and the forge's address when full URLs are read too. */
export interface ReferenceBase {
  readonly repository: RepositoryName;
  readonly forgeUrl?: string;
}

/** Text behind this many characters of one line holds no reference anybody means. */
const MAX_LINE_LENGTH = 4_000;

const SHORT_REFERENCE =
  /(?<![\w/.#&-])(?:(?<owner>[A-Za-z0-9][\w.-]{0,99})\/(?<name>[\w.-]{1,100}))?#(?<number>[1-9]\d{0,9})(?!\w)/g;
const ISSUE_PATH = /^\/([A-Za-z0-9][\w.-]{0,99})\/([\w.-]{1,100})\/issues\/([1-9]\d{0,9})(?!\w)/;
const DOTS_ONLY = /^\.+$/;

/** All references of one line, in order. */
export function findReferences(line: string, base: ReferenceBase): readonly IssueReference[] {
  const text = line.slice(0, MAX_LINE_LENGTH);
  return [...shortReferences(text, base), ...urlReferences(text, base)].sort((a, b) => a.start - b.start);
}

function shortReferences(text: string, base: ReferenceBase): readonly IssueReference[] {
  return [...text.matchAll(SHORT_REFERENCE)].flatMap((match) => {
    const { owner, name, number } = match.groups ?? {};
    const repository = owner && name ? `${owner}/${name}` : base.repository;
    return referenceAt(match.index, match[0].length, `${repository}#${number}`, base);
  });
}

function urlReferences(text: string, base: ReferenceBase): readonly IssueReference[] {
  if (base.forgeUrl === undefined) return [];
  const forge = base.forgeUrl.replace(/\/$/, "");
  const found: IssueReference[] = [];
  for (let at = text.indexOf(forge); at >= 0; at = text.indexOf(forge, at + 1)) {
    const path = ISSUE_PATH.exec(text.slice(at + forge.length, at + forge.length + 300));
    if (path) found.push(...referenceAt(at, forge.length + path[0].length, `${path[1]}/${path[2]}#${path[3]}`, base));
  }
  return found;
}

/** A repository's own name keeps its spelling, because the forge ignores case and task ids do not. */
function referenceAt(start: number, length: number, id: string, base: ReferenceBase): readonly IssueReference[] {
  const [repository = "", number = ""] = id.split("#");
  if (DOTS_ONLY.test(repository.split("/")[1] ?? "")) return [];
  const isOwn = repository.toLowerCase() === base.repository.toLowerCase();
  const issue = TaskId.parse(`${isOwn ? base.repository : repository}#${number}`);
  return [{ issue, start, end: start + length }];
}
