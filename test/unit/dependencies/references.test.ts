/** References to issues in text. */
import { describe, expect, it } from "vitest";
import { RepositoryName } from "../../../src/domain/ids.ts";
import { findReferences } from "../../../src/domain/issue-reference.ts";

const base = { repository: RepositoryName.parse("acme/widgets") };
const withForge = { ...base, forgeUrl: "https://git.example.org/forge/" };

function idsIn(line: string, from = base): readonly string[] {
  return findReferences(line, from).map((reference) => reference.issue);
}

describe("findReferences", () => {
  it.each([
    ["#12", ["acme/widgets#12"]],
    ["see #12, #13 and (#14).", ["acme/widgets#12", "acme/widgets#13", "acme/widgets#14"]],
    ["other/repo#3", ["other/repo#3"]],
    ["ACME/Widgets#3", ["acme/widgets#3"]],
    ["my.org/a-b.c#9", ["my.org/a-b.c#9"]],
    ["nothing here", []],
    ["#0 and #012", []],
    ["a#1 b&#39; c##4 #5x", []],
    ["color #123abc", []],
    ["x/..#3 and ../x#4", []],
    ["https://elsewhere.org/a/b#3", []],
    ["#99999999999", []],
  ])("reads %j", (line, expected) => {
    expect(idsIn(line)).toEqual(expected);
  });

  it("reads the forge's own issue URLs when its address is known, and nobody else's", () => {
    const line = "https://git.example.org/forge/a/b/issues/7#issuecomment-1 https://evil.org/a/b/issues/8 #9";
    expect(idsIn(line, withForge)).toEqual(["a/b#7", "acme/widgets#9"]);
    expect(idsIn(line)).toEqual(["acme/widgets#9"]);
  });

  it("says where each reference stands", () => {
    expect(findReferences("on a/b#3!", base)).toEqual([{ issue: "a/b#3", start: 3, end: 8 }]);
  });

  it.each(["#", "a/", "a/b", "#1", "a.", withForge.forgeUrl])("ends with a line of 300,000 times %j", (part) => {
    expect(idsIn(part.repeat(300_000), withForge)).toBeDefined();
  });
});
