/** The metadata form, as people write it. */
import { describe, expect, it } from "vitest";
import { RepositoryName } from "../../../src/domain/ids.ts";
import { type IssueMetadata, readMetadata } from "../../../src/intake/read-metadata.ts";

const base = { repository: RepositoryName.parse("acme/widgets") };

function read(body: string): IssueMetadata {
  return readMetadata(body, base);
}

const COMPLETE = `## Objective

Retry failed uploads.

## Context Estimate

- Files to modify: 3 (upload.ts, retry.ts, upload.test.ts)
- Implementation complexity: medium (20,000 tokens)
- Test requirements: low (5,000 tokens)
- Documentation: light (2,000 tokens)
- **Total estimated: 62,400 tokens**
- **Recommended agent: sonnet**

## Difficulty

medium

## Dependencies

- Blocked by: #12 (COORD-002), other/repo#7
- Blocks: #15

## Acceptance Criteria

- [ ] Retries five times
- [x] Says \`gave up\` after that

## Touches

- \`src/upload/**\`, src/retry.ts
`;

describe("readMetadata", () => {
  it("reads a complete form", () => {
    expect(read(COMPLETE)).toEqual({
      files: 3,
      complexity: { level: "medium", tokens: 20_000 },
      tests: { level: "low", tokens: 5_000 },
      documentation: { level: "light", tokens: 2_000 },
      totalTokens: 62_400,
      difficulty: "medium",
      agent: undefined,
      blockedBy: [
        { issue: "acme/widgets#12", expectedTitle: "COORD-002" },
        { issue: "other/repo#7", expectedTitle: undefined },
      ],
      acceptance: ["Retries five times", "Says `gave up` after that"],
      unreadable: 0,
      problems: [],
    });
  });

  const same = read(COMPLETE);
  const bullets = ["*", "+", "•", "–", "·", "1.", "2)", "- [ ]"];
  it.each([
    ["Windows line ends", COMPLETE.replaceAll("\n", "\r\n")],
    ["old Mac line ends", COMPLETE.replaceAll("\n", "\r")],
    ["deeper headings", COMPLETE.replaceAll("## ", "#### ")],
    ["closed headings", COMPLETE.replaceAll(/^(## .*)$/gm, "$1 ##")],
    ["bold labels for headings", COMPLETE.replaceAll(/^## (.*)$/gm, "**$1**")],
    ["bold labels with colons for headings", COMPLETE.replaceAll(/^## (.*)$/gm, "**$1:**")],
    ["underlined headings", COMPLETE.replaceAll(/^## (.*)$/gm, "$1\n-----")],
    ["plain numbers", COMPLETE.replaceAll(/(\d),(\d{3})/g, "$1$2")],
    ["thousands as K", COMPLETE.replace("62,400 tokens", "62.4K").replaceAll(/(\d+),000 tokens/g, "$1k")],
    ["thousands with spaces", COMPLETE.replaceAll(/(\d),(\d{3})/g, "$1 $2")],
    ["thousands with dots", COMPLETE.replaceAll(/(\d),(\d{3})/g, "$1.$2")],
    ["upper case", COMPLETE.replaceAll(/: (medium|low|light)/g, (text) => text.toUpperCase())],
    ["other words", COMPLETE.replace("low (", "easy (").replace("\nmedium\n", "\n**Moderate**\n")],
    ["bold labels of fields", COMPLETE.replaceAll(/^- (?!\[|\*)([^:\n]+):/gm, "- **$1:**")],
    ["bold labels with the colon outside", COMPLETE.replaceAll(/^- (?!\[|\*)([^:\n]+):/gm, "- **$1**:")],
    ["code for values", COMPLETE.replace("sonnet", "`sonnet`").replace("\nmedium\n", "\n`medium`\n")],
    ["tabs and trailing blanks", COMPLETE.replaceAll("- ", "-\t").replaceAll("\n", " \t\n")],
    ["indented bullets", COMPLETE.replaceAll(/^- /gm, "    - ")],
    ["a byte order mark of emoji", COMPLETE.replace("## Context", "## 📏 Context")],
    ...bullets.map((bullet) => [`${bullet} for bullets`, COMPLETE.replaceAll(/^- (?!\[)/gm, `${bullet} `)]),
  ])("reads the same with %s", (_title, body) => {
    expect(read(body)).toEqual(same);
  });

  it("reads what issue forms render: a heading and a paragraph for each field", () => {
    const metadata = read(
      [
        "### Files to modify\n\n2",
        "### Implementation complexity\n\nhigh",
        "### Test requirements\n\nmedium",
        "### Documentation\n\n_No response_",
        "### Difficulty\n\n- [ ] low\n- [X] high",
        "### Blocked by\n\n_No response_",
        "### Agent\n\nopus",
      ].join("\n\n"),
    );
    expect(metadata).toMatchObject({
      files: 2,
      complexity: { level: "high" },
      tests: { level: "medium" },
      documentation: { level: "none" },
      difficulty: "high",
      agent: "opus",
      blockedBy: [],
      problems: [],
    });
  });

  it("reads a table", () => {
    const body =
      "| Field | Value |\n|---|---|\n| Files to modify | 4 |\n| Complexity | low |\n| **Difficulty** | easy |";
    expect(read(body)).toMatchObject({ files: 4, complexity: { level: "low" }, difficulty: "low", problems: [] });
  });

  it.each([
    ["3 (a.ts, b.ts)", 3],
    ["~3", 3],
    ["3 files", 3],
    ["a.ts, b/c.ts", 2],
    ["`a.ts` and `b.ts`", 2],
    ["none", 0],
    ["?", undefined],
    ["<number>", undefined],
  ])("counts files in %j", (text, files) => {
    expect(read(`Files to modify: ${text}`)).toMatchObject({ files, problems: [] });
  });

  it("counts files that are listed below", () => {
    expect(read("**Files to modify:**\n- src/a.ts\n- src/b.ts\n\nMore text.").files).toBe(2);
  });

  it.each([
    ["20000", 20_000],
    ["20,000 tokens", 20_000],
    ["20K", 20_000],
    ["20 k tokens", 20_000],
    ["~28.6K", 28_600],
    ["1,234,567", 1_234_567],
    ["0.1M", 100_000],
    ["20-30K", 30_000],
    ["15,000 – 20,000", 20_000],
    ["about 40,300", 40_300],
  ])("reads the total %j", (text, totalTokens) => {
    expect(read(`- Total estimated: ${text}`)).toMatchObject({ totalTokens, problems: [] });
  });

  it.each(["a lot", "-5", "0", "many tokens (20,000)", "999999999999"])(
    "says that it cannot read the total %j",
    (text) => {
      const metadata = read(`Intro\n\n- Total estimated: ${text}`);
      expect(metadata.totalTokens).toBeUndefined();
      expect(metadata.problems).toEqual([
        expect.stringMatching(/^Line 3: `.*` cannot be read; it must be a number of tokens/),
      ]);
    },
  );

  it("says every slip with its line, and still reads the rest", () => {
    const metadata = read(
      "## Context Estimate\n- Files to modify: some\n- Implementation complexity: tricky\n- Test requirements: low\n\n## Difficulty\nwhatever\n\n## Dependencies\n- Blocked by: COORD-002\n- Depends on: the release",
    );
    expect(metadata.tests?.level).toBe("low");
    expect(metadata.problems).toEqual([
      "Line 2: `some` cannot be read; it must be a number of files up to 1000.",
      "Line 3: `tricky` cannot be read; it must be low, medium or high.",
      "Line 6: `whatever` cannot be read; it must be low, medium or high.",
      "Line 10: `COORD-002` names no issue; write its number as in `#12`.",
      "Line 11: `the release` names no issue; write its number as in `#12`.",
    ]);
    expect(metadata.unreadable).toBe(3);
  });

  it("keeps the first of two values that differ, and says so", () => {
    const metadata = read("Difficulty: low\n\nDifficulty: high\n\nDifficulty: low");
    expect(metadata.difficulty).toBe("low");
    expect(metadata.problems).toEqual(["Line 3 says something else than line 1; I use line 1."]);
  });

  it.each(["Blocks: #7", "Blocks #7", "Touches: #7", "Recommended agent: #7"])(
    "uses nothing of %j, which ends the field before it",
    (line) => {
      const blocked = read(`Blocked by:\n- #1\n- ${line}\n- #8`);
      expect(blocked).toMatchObject({ blockedBy: [{ issue: "acme/widgets#1" }], problems: [] });
      const listed = read(`## Acceptance Criteria\n- works\n\n${line}`);
      expect(listed).toMatchObject({ acceptance: ["works"], agent: undefined, problems: [] });
    },
  );

  it("takes a template that was left as it is for no answer", () => {
    const metadata = read("## Difficulty\n\nlow | medium | high\n\n## Agent\n\n<name>\n\nFiles to modify: <number>");
    expect(metadata).toMatchObject({ difficulty: undefined, agent: undefined, files: undefined, problems: [] });
  });

  it("makes foreign text in its sentences harmless", () => {
    const [problem = ""] = read("Difficulty: `` @ada closes #3 <!-- x -->").problems;
    expect(problem).not.toMatch(/@ada|closes #3|<!--/);
  });
});

describe("what is no form", () => {
  it.each([
    ["a code block", "```\nDifficulty: high\n```"],
    ["a code block with tildes", "~~~~\n```\nDifficulty: high\n~~~~"],
    ["a code block in a list", "- like this:\n  ```yaml\n  Difficulty: high\n  ```"],
    ["a code block that nobody closes", "````\n```\nDifficulty: high"],
    ["an HTML comment", "<!-- Difficulty: high -->"],
    ["an HTML comment over lines", "<!--\nDifficulty: high\n-->"],
    ["an HTML comment that nobody closes", "text\n<!--\nDifficulty: high"],
    ["a comment that starts behind text", "text <!--\nDifficulty: high\n-->"],
    ["a quote", "> Difficulty: high"],
    ["inline code", "`Difficulty: high`"],
    ["the middle of a sentence", "We talked about Difficulty: high or low."],
    ["a long sentence", `${"word ".repeat(20)}difficulty: high`],
  ])("is not read from %s", (_title, body) => {
    expect(read(body)).toMatchObject({ difficulty: undefined, problems: [] });
  });

  it.each([
    ["behind a closed comment", "<!-- hint -->\nDifficulty: high"],
    ["behind a comment on the same line", "<!-- hint --> Difficulty: high"],
    ["behind inline code that looks like a comment", "Write `<!--` first.\n\nDifficulty: high"],
    ["behind a comment start that nothing closes", "a <!-- b\nDifficulty: high"],
    ["behind a code block", "```\nx\n```\nDifficulty: high"],
    ["behind marks that are inline code", "```x``` y\nDifficulty: high"],
  ])("is read %s", (_title, body) => {
    expect(read(body).difficulty).toBe("high");
  });

  it("does not take prose about tests, files or totals for an estimate", () => {
    const body = "Tests: they fail since Monday\nFiles: see attachment\nTotal: 5 errors\nDocumentation: https://x.org";
    expect(read(body)).toEqual(read(""));
  });

  it("does not take a prose section about documentation for a part of the estimate", () => {
    const body = "## Context Estimate\n- Files to modify: 2\n\n## Documentation\n\nUpdate the wiki.";
    expect(read(body)).toMatchObject({ files: 2, documentation: undefined, problems: [] });
  });

  it("reads short labels among the parts of an estimate", () => {
    const body = "Context Estimate:\n- Files: 2\n- Complexity: low\n- Tests: none\n- Docs: heavy\n- Total: 40K";
    expect(read(body)).toMatchObject({
      files: 2,
      complexity: { level: "low" },
      tests: { level: "none" },
      documentation: { level: "heavy" },
      totalTokens: 40_000,
    });
  });
});

describe("dependencies", () => {
  function blockers(body: string): readonly (readonly [string, string | undefined])[] {
    return read(body).blockedBy.map(({ issue, expectedTitle }) => [issue, expectedTitle] as const);
  }

  it.each([
    ["Blocked by: #1", ["#1"]],
    ["Depends on: #1, #2 and #3", ["#1", "#2", "#3"]],
    ["Depends on #1", ["#1"]],
    ["- blocked by #1", ["#1"]],
    ["**Blocked-by:** #1", ["#1"]],
    ["Dependencies: #1", ["#1"]],
    ["## Dependencies\n- #1\n- [ ] #2", ["#1", "#2"]],
    ["## Blocked by\n\n* #1\n* #2", ["#1", "#2"]],
    ["- Blocked by:\n  - #1\n  - #2", ["#1", "#2"]],
    ["Blocked by: #1 (was #9 before)", ["#1"]],
    ["## Dependencies\n\nNone", []],
    ["## Dependencies\n\n- None (first issue)", []],
    ["Blocked by: none", []],
    ["Blocked by: -", []],
    ["## Dependencies\n- Related: see #4\n- Nothing like #5", []],
    ["Blocked by:\n\n- #1\n\nSee also #2.", ["#1"]],
    ["Depends on the weather, see #3", []],
  ])("reads %j", (body, expected) => {
    const numbers = read(body).blockedBy.map(({ issue }) => issue.replace("acme/widgets", ""));
    expect(numbers).toEqual(expected);
    expect(read(body).problems).toEqual([]);
  });

  it.each([
    ["#157 (COORD-010)", "COORD-010"],
    ["#157 [COORD-010]", "COORD-010"],
    ["#157 (COORD-010 loop, see #9)", "COORD-010"],
    ["#157 – COORD-010", "COORD-010"],
    ["#157 COORD-010", "COORD-010"],
    ["COORD-010 (#157)", "COORD-010"],
    ["COORD-010: #157", "COORD-010"],
    ["#157 (Retry uploads)", "Retry uploads"],
    ["#157 (“retry uploads”)", "“retry uploads”"],
    ["#157 (needs its API)", undefined],
    ["#157", undefined],
  ])("keeps the title beside the number in %j", (text, title) => {
    expect(blockers(`Blocked by: ${text}`)).toEqual([["acme/widgets#157", title]]);
  });

  it("keeps each title with its own number", () => {
    expect(blockers("Blocked by: #1 (COORD-1), #2 (COORD-2), COORD-3 (#3), #4")).toEqual([
      ["acme/widgets#1", "COORD-1"],
      ["acme/widgets#2", "COORD-2"],
      ["acme/widgets#3", "COORD-3"],
      ["acme/widgets#4", undefined],
    ]);
  });
});

describe("acceptance criteria", () => {
  it("may speak of the form's own words", () => {
    const metadata = read(
      "## Acceptance Criteria\n- Difficulty: high is shown\n- Blocked by: #3 works\n\nDifficulty: low",
    );
    expect(metadata.acceptance).toEqual(["Difficulty: high is shown", "Blocked by: #3 works"]);
    expect(metadata).toMatchObject({ difficulty: "low", blockedBy: [] });
  });

  it("go on over lines, and are lines where there are no bullets", () => {
    expect(read("## Acceptance Criteria\n- one\n  and more\n- two\n\n## Next\n- no").acceptance).toEqual([
      "one and more",
      "two",
    ]);
    expect(read("Acceptance Criteria:\n\none\ntwo").acceptance).toEqual(["one", "two"]);
  });

  it("are bounded", () => {
    const { acceptance } = read(`## Acceptance Criteria\n${`- ${"x".repeat(3_000)}\n`.repeat(500)}`);
    expect(acceptance).toHaveLength(100);
    expect(acceptance[0]?.length).toBe(500);
  });
});

describe("hostile text", () => {
  const MEGABYTE = 1_000_000;
  it.each([
    "a",
    " ",
    "\t",
    "\n",
    "\r\n",
    "`",
    "``` ",
    "~",
    "#",
    "# ",
    "*",
    "**",
    "_",
    "- ",
    "-",
    "|",
    "||\n",
    ":",
    "a:",
    "(",
    "()",
    "<!--",
    "-->",
    "<!-- -->",
    "`<!--",
    " <!---->",
    "#1",
    "#1 (",
    "a/b#1",
    "COORD-1 ",
    "1,000",
    "1 000 ",
    "\u00a0",
    "Difficulty: ",
    "Difficulty: high\n",
    "Blocked by: #1\n",
    "- Blocked by: #1 (A-1),\n",
    "Blocked by: ",
    "Total estimated: 1,",
    "## Acceptance Criteria\n- a\n",
    "Files to modify: a.b,",
    "> ",
    "```\n",
    "===\n",
    "x\n===\n",
    "\0",
    "\ud800",
  ])("of a megabyte of %j is read to its end", (part) => {
    const noise = part.repeat(Math.ceil(MEGABYTE / part.length));
    for (const start of ["", "Blocked by: ", "Total estimated: ", "Files to modify: ", "## Acceptance Criteria\n- "]) {
      expect(read(`${start}${noise}`)).toBeDefined();
    }
  });

  it("cannot make names of objects into fields", () => {
    expect(read("constructor: x\n__proto__: y\ntoString: z\nDifficulty: constructor").difficulty).toBeUndefined();
  });
});
