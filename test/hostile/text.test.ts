/** Foreign text of a megabyte goes through everything that makes text harmless, within a test's deadline and without a crash. */
import { describe, expect, test } from "vitest";
import { parseCommands } from "../../src/commands/parse.ts";
import { delimit, sanitise } from "../../src/continuation/sanitise.ts";
import { understandIssue } from "../../src/intake/understand-issue.ts";
import { createRedactor } from "../../src/lib/redact.ts";
import { fence, inlineCode, neutralise, plainLine, removeInvisible, tableCell } from "../../src/lib/text.ts";
import { REPOSITORY } from "../support/workspace-bench.ts";

const MEBIBYTE = 1024 * 1024;

/** Whoever looks at each of these again for each of these needs hours for a megabyte. */
const UNITS = ["-", ".", "-/", "a/", " ", "\n", " \r", "` ", "` ``", "close ", "@", "#", "<!--", "[](", "&a", "://a:b"];

const FUNCTIONS: Readonly<Record<string, (text: string) => unknown>> = {
  neutralise,
  fence,
  inlineCode,
  tableCell,
  removeInvisible,
  plainLine,
  sanitise,
  delimit: (text) => delimit("issue", `<${text}`, MEBIBYTE),
  redact: createRedactor(["known-secret"]),
  parse: (text) => parseCommands(text, "steward"),
  understand: (text) =>
    understandIssue({ repository: REPOSITORY, title: text.slice(0, 1_000), body: text, labels: [] }, {}),
};

/** Backticks in runs that grow, so that none closes another. */
function growingMarks(length: number): string {
  let text = "";
  for (let marks = 1; text.length < length; marks += 1) text += `${"`".repeat(marks)} `;
  return text;
}

const TEXTS = new Map([
  ...UNITS.map((unit) => [`of ${JSON.stringify(unit)}`, `x${unit.repeat(MEBIBYTE / unit.length)}x`] as const),
  ["of backticks in ever longer runs", growingMarks(MEBIBYTE)],
  ["of a name, a slash and a name", `${"-".repeat(MEBIBYTE / 2)}/${"-".repeat(MEBIBYTE / 2)}#1`],
]);

describe.each(Object.keys(FUNCTIONS))("%s ends with a megabyte", (name) => {
  test.each([...TEXTS.keys()])("%s", (kind) => {
    expect(FUNCTIONS[name]?.(TEXTS.get(kind) ?? "")).toBeDefined();
  });
});

describe("what was made harmless", () => {
  const BEFORE = ["", " ", "\n", "(", "/", "-", ".", "acme/widgets", "a/b", "-.-/-.-"];

  test.each(BEFORE)("has no reference after %j", (before) => {
    for (const sign of ["#", "!"]) expect(neutralise(`${before}${sign}12`)).toBe(`${before}${sign}\u200b12`);
  });

  test.each(["a", "&", "word-less"])("stays as it is where %j shows that no reference was meant", (before) => {
    expect(neutralise(`${before}#12`)).toBe(`${before}#12`);
  });

  test("has no reference hidden behind the end of another one", () => {
    expect(neutralise("#1./acme/x#2")).toBe("#\u200b1./acme/x#\u200b2");
  });

  test("keeps code spans and takes the power from backticks that close none", () => {
    expect(plainLine("`a` ``b` c`` ```d `e`")).toBe("`a` ``b` c`` ˋˋˋd `e`");
  });
});
