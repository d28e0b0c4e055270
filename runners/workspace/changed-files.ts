/** What `git diff-tree --raw -z -p --unified=0` says, as files with their changed lines. */
import type { ChangedFile } from "./workspace.ts";

const NEWLINE = 10;
const FILE_START = "diff --git ";
const HUNK_START = /^@@ -\d+(?:,(?<removed>\d+))? \+(?<start>\d+)(?:,(?<added>\d+))? @@/;

interface RawEntry {
  readonly path: string;
  readonly previousPath: string | undefined;
  readonly status: ChangedFile["status"];
  /** A change of kind, such as file to link, is shown as one deletion and one addition. */
  readonly patches: 1 | 2;
}

interface Lines {
  readonly changedLines: number[];
  readonly added: string[];
  readonly removed: string[];
}

function statusOf(letter: string): ChangedFile["status"] {
  if (letter === "A" || letter === "C") return "added";
  if (letter === "D") return "deleted";
  return letter === "R" ? "renamed" : "modified";
}

/** The raw part: `:modes hashes LETTER` NUL path NUL, twice a path for renames. Returns what follows it, too. */
function readRaw(diff: Buffer): { readonly entries: readonly RawEntry[]; readonly rest: Buffer } {
  const entries: RawEntry[] = [];
  let at = 0;
  const field = () => {
    const end = diff.indexOf(0, at);
    const text = diff.toString("utf8", at, end);
    at = end + 1;
    return text;
  };
  while (diff[at] === ":".charCodeAt(0)) {
    const letter = field().split(" ").at(-1)?.slice(0, 1) ?? "";
    const first = field();
    const isPair = letter === "R" || letter === "C";
    const path = isPair ? field() : first;
    const previousPath = letter === "R" ? first : undefined;
    entries.push({ path, previousPath, status: statusOf(letter), patches: letter === "T" ? 2 : 1 });
  }
  return { entries, rest: diff.subarray(diff[at] === 0 ? at + 1 : at) };
}

function linesOf(patch: Buffer): readonly string[] {
  const lines: string[] = [];
  for (let start = 0; start < patch.length; ) {
    const found = patch.indexOf(NEWLINE, start);
    const end = found === -1 ? patch.length : found;
    lines.push(patch.toString("utf8", start, end));
    start = end + 1;
  }
  return lines;
}

/** One file's part of the patch; hunks say how many lines are theirs, so that no content is taken for a header. */
function readPatch(lines: readonly string[], from: number, into: Lines): number {
  let at = from + 1;
  while (at < lines.length && !lines[at]?.startsWith(FILE_START)) {
    const hunk = HUNK_START.exec(lines[at] ?? "")?.groups;
    at += 1;
    if (!hunk) continue;
    const [removed, added] = [Number(hunk.removed ?? 1), Number(hunk.added ?? 1)];
    const isOwn = (line: string) => line.startsWith("-") || line.startsWith("+") || line.startsWith("\\");
    for (let left = removed + added; at < lines.length && isOwn(lines[at] ?? ""); at += 1) {
      const line = lines[at] ?? "";
      if (line.startsWith("\\")) continue;
      if (left === 0) break;
      left -= 1;
      (line.startsWith("+") ? into.added : into.removed).push(line.slice(1));
    }
    for (let line = 0; line < added; line += 1) into.changedLines.push(Number(hunk.start) + line);
  }
  return at;
}

/** The files of a diff, in its order. */
export function changedFilesFrom(diff: Buffer): readonly ChangedFile[] {
  const { entries, rest } = readRaw(diff);
  const lines = linesOf(rest);
  let at = 0;
  return entries.map(({ path, previousPath, status, patches }) => {
    const found: Lines = { changedLines: [], added: [], removed: [] };
    for (let patch = 0; patch < patches; patch += 1) at = readPatch(lines, at, found);
    return { path, previousPath, status, ...found };
  });
}
