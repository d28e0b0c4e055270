/** The formula, and how well-known issues agree with it. */
import { describe, expect, it } from "vitest";
import { RepositoryName } from "../../../src/domain/ids.ts";
import { estimateTokens, totalDisagrees } from "../../../src/intake/estimate-tokens.ts";
import { understandIssue } from "../../../src/intake/understand-issue.ts";

const repository = RepositoryName.parse("acme/widgets");

describe("the formula", () => {
  it.each([
    [{ files: 1, complexity: "low", tests: "low", documentation: "none" }, 28_600],
    [{ files: 1, complexity: "medium", tests: "medium", documentation: "medium" }, 52_000],
    [{ files: 2, complexity: "medium", tests: "medium", documentation: "light" }, 59_800],
    [{ files: 5, complexity: "high", tests: "high", documentation: "heavy" }, 110_500],
    [{ files: 0, complexity: "low", tests: "low", documentation: "none" }, 19_500],
    [{ files: 3, complexity: "low", tests: "none", documentation: "heavy" }, 46_800],
  ] as const)("takes %j for %i tokens", (levels, tokens) => {
    expect(estimateTokens(levels)).toBe(tokens);
  });
});

describe("a stated total", () => {
  it.each([
    [28_600, 28_600, false],
    [28_000, 28_600, true],
    [29_000, 28_600, false],
    [71_500, 110_500, true],
    [200_000, 110_500, true],
  ])("of %i beside parts of %i disagrees: %s", (stated, computed, disagrees) => {
    expect(totalDisagrees(stated, computed)).toBe(disagrees);
  });
});

/** Real issues: files, levels that give the formula's figure, what they state, and the gap in percent. */
const KNOWN_ISSUES = [
  { issue: 160, files: 5, levels: ["high", "high", "heavy"], stated: 71_500, formula: 110_500, gap: -35 },
  { issue: 149, files: 2, levels: ["low", "high", "medium"], stated: 40_300, formula: 54_600, gap: -26 },
  { issue: 148, files: 3, levels: ["high", "medium", "medium"], stated: 64_350, formula: 83_200, gap: -23 },
  { issue: 155, files: 2, levels: ["medium", "medium", "medium"], stated: 49_400, formula: 61_100, gap: -19 },
  { issue: 150, files: 2, levels: ["high", "high", "heavy"], stated: 71_500, formula: 83_200, gap: -14 },
  { issue: 145, files: 1, levels: ["medium", "medium", "medium"], stated: 46_800, formula: 52_000, gap: -10 },
] as const;

describe.each(KNOWN_ISSUES)("the form of issue $issue", ({ files, levels, stated, formula, gap }) => {
  const [complexity, tests, documentation] = levels;
  const body = [
    "## Context Estimate",
    `- Files to modify: ${files}`,
    `- Implementation complexity: ${complexity}`,
    `- Test requirements: ${tests}`,
    `- Documentation: ${documentation}`,
    `- **Total estimated: ${stated} tokens**`,
    "## Difficulty\nmedium",
  ].join("\n");

  it(`states ${gap} % of what its own parts make; the larger figure is used, and the gap is said`, () => {
    expect(Math.round((100 * (stated - formula)) / formula)).toBe(gap);
    const { estimate, problems, questions } = understandIssue({ repository, title: "t", body, labels: [] }, {});
    expect(estimate).toMatchObject({ tokens: formula, source: "form", confidence: 85, assumptions: [] });
    expect(problems).toEqual([
      `The form states a total of ${stated.toLocaleString("en-US")} tokens, but its own parts make ${formula.toLocaleString("en-US")}; I use the larger one.`,
    ]);
    expect(questions).toEqual([]);
  });
});
