/** What a branch took away from the tests: whole files, single tests, or their being run. */
import type { IntegrityChange } from "../../src/domain/verdict.ts";
import type { Inspected } from "./integrity.ts";

const CODE = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|swift|ex|exs|scala|sh|bats|vue|svelte)$/;
const TEST_NAME =
  /(?:[._-](?:test|tests|spec|specs|e2e|cy)\.\w+$)|(?:^|\/)(?:test_[^/]*\.py|[^/]*_(?:test|spec)\.\w+|[^/]*Tests?\.(?:java|kt|cs|swift|php|scala))$/;
const TEST_FOLDER = /(?:^|\/)(?:tests?|__tests__|specs?|e2e)\//;
const NO_TEST = /(?:^|\/)(?:fixtures?|__fixtures__|__snapshots__|__mocks__|support|helpers?|testdata|node_modules)\//;

/** The beginning of a test, with its title or name. */
const TEST_START =
  /(?:^|[^\w.])(?:it|test|specify|scenario|fit|xit|Deno\.test)(?:\.\w+)*\s*(?:\([^()]*\)\s*)?\(\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|`(?<tick>[^`]*)`|(?<other>[A-Za-z_$]))|\b(?:async\s+)?def\s+(?<python>test\w*)|\bfunc\s+(?<go>(?:Test|Fuzz|Example)\w*)\s*\(|(?<rust>#\[(?:\w+::)*test\b)|(?<java>@(?:Test|ParameterizedTest)\b)/g;

const SKIPS: readonly RegExp[] = [
  /\b(?:it|test|describe|suite|context|specify)(?:\.\w+)*\.(?:skip|todo|fixme|fails|failing|skipIf|runIf)\b/,
  /(?:^|[^\w.])(?:xit|xtest|xdescribe|xcontext|xspecify)\s*\(/,
  /\b(?:skip|todo)\s*:\s*(?:true|["'`])/,
  /(?:^|[^\w.])(?:t|ctx|context|this)\.(?:skip|todo)\s*\(/,
  /@(?:pytest\.mark\.)(?:skip|skipif|xfail)\b|\bpytest\.(?:skip|xfail|importorskip)\s*\(|\bpytestmark\s*=/,
  /@(?:unittest\.)?(?:skip|skipIf|skipUnless|expectedFailure)\b|\bself\.skipTest\s*\(|\braise\s+(?:unittest\.)?SkipTest\b/,
  /\bt\.Skip(?:f|Now)?\s*\(|^\s*\/\/\s*(?:go:build|\+build)\b/,
  /#\[ignore\b/,
  /@(?:Disabled|Ignore)\b/,
];

/** These leave out all the other tests, wherever they stand. */
const ONLY =
  /\b(?:it|test|describe|suite|context|specify)(?:\.\w+)*\.only\b|(?:^|[^\w.])(?:fit|fdescribe|fcontext)\s*\(/;

/** True for files whose code is tests. */
export function isTestFile(path: string): boolean {
  return CODE.test(path) && !NO_TEST.test(path) && (TEST_NAME.test(path) || TEST_FOLDER.test(path));
}

function titlesIn(text: string): readonly string[] {
  return [...text.matchAll(TEST_START)].map(({ groups }) => {
    const named = Object.values(groups ?? {}).find((value) => value !== undefined);
    return named ?? "";
  });
}

/** The titles of `titles` that are left when each of `others` has taken one like itself away. */
function without(titles: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return titles.filter((title) => {
    const at = left.indexOf(title);
    if (at !== -1) left.splice(at, 1);
    return at === -1;
  });
}

function count(number: number): string {
  return number === 1 ? "1 test" : `${number} tests`;
}

function takenAway(file: Inspected): IntegrityChange[] {
  if (file.status === "deleted") {
    return [{ kind: "test-deleted", file: file.path, detail: "the file is gone" }];
  }
  if (!isTestFile(file.path)) {
    return [
      {
        kind: "test-deleted",
        file: file.previousPath ?? file.path,
        detail: `it became ${file.path}, which is no test`,
      },
    ];
  }
  const before = titlesIn(file.before ?? "");
  if (before.length > 0 && titlesIn(file.after ?? "").length === 0) {
    return [{ kind: "test-emptied", file: file.path, detail: `none of its ${count(before.length)} is left` }];
  }
  return [];
}

/** Tests that are fewer in a file than before; one that got another title is not gone, nor one that moved to another file. */
function fewer(file: Inspected, addedElsewhere: readonly string[]): IntegrityChange[] {
  const removed = titlesIn(file.removed.join("\n"));
  const added = titlesIn(file.added.join("\n"));
  const gone = without(without(removed, added), addedElsewhere);
  const isNew = without(added, removed);
  if (gone.length <= isNew.length) return [];
  const number = gone.length - isNew.length;
  const titles = gone
    .filter((title) => title.length > 1)
    .slice(0, 5)
    .map((title) => `"${title}"`);
  const names = titles.length > 0 ? `: ${titles.join(", ")}` : "";
  return [{ kind: "test-deleted", file: file.path, detail: `${count(number)} fewer${names}` }];
}

function skipped(file: Inspected): IntegrityChange[] {
  const known = new Set(file.removed.map((line) => line.trim()));
  const patterns = file.status === "added" ? [ONLY] : [ONLY, ...SKIPS];
  const lines = file.added
    .map((line) => line.trim())
    .filter((line) => !known.has(line) && patterns.some((pattern) => pattern.test(line)));
  return lines.map((line) => ({ kind: "test-skipped", file: file.path, detail: line }));
}

/** What the changed files took away from the tests. */
export function testChanges(files: readonly Inspected[]): readonly IntegrityChange[] {
  const tests = files.filter(({ path, previousPath }) => isTestFile(path) || isTestFile(previousPath ?? ""));
  return tests.flatMap((file) => {
    const gone = file.status === "added" ? [] : takenAway(file);
    const others = tests.filter((other) => other !== file).flatMap((other) => titlesIn(other.added.join("\n")));
    const less = gone.length > 0 || file.status === "added" ? [] : fewer(file, others);
    return [...gone, ...less, ...(file.status === "deleted" ? [] : skipped(file))];
  });
}
