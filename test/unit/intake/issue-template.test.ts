/** The issue template that Steward ships, and the form in all the ways people fill it in. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { RepositoryName } from "../../../src/domain/ids.ts";
import { readMetadata } from "../../../src/intake/read-metadata.ts";
import { understandIssue } from "../../../src/intake/understand-issue.ts";

const template = readFileSync(new URL("../../../docs/issue-template.md", import.meta.url), "utf8");
const repository = RepositoryName.parse("acme/widgets");

/** The template with these answers in place of its hints; a key is the start of the line that has or precedes the hint. */
function filledIn(answers: Readonly<Record<string, string>>): string {
  return Object.entries(answers).reduce((text, [label, answer]) => {
    const start = text.indexOf(label);
    const hint = text.indexOf("<!--", start);
    return `${text.slice(0, hint)}${answer}${text.slice(text.indexOf("-->", hint) + "-->".length)}`;
  }, template);
}

describe("the issue template", () => {
  it("says nothing when it is left empty, and is no slip", () => {
    expect(readMetadata(template, { repository })).toEqual(readMetadata("", { repository }));
  });

  it("is read in full when it is filled in", () => {
    const body = filledIn({
      "- Files": "3",
      "- Implementation": "medium",
      "- Test": "low",
      "- Documentation": "none",
      "- Total": "59,800",
      "## Difficulty": "medium",
      "- Blocked by": "#12 (Retry uploads)",
      "- [ ]": "Uploads are retried",
      "## Agent": "opus",
    });
    expect(understandIssue({ repository, title: "t", body, labels: [] }, {})).toMatchObject({
      estimate: { tokens: 59_800, difficulty: "medium", source: "form", confidence: 95, assumptions: [] },
      wantedAgent: "opus",
      blockedBy: [{ issue: "acme/widgets#12", expectedTitle: "Retry uploads" }],
      acceptance: ["Uploads are retried"],
      problems: [],
      questions: [],
    });
  });

  it("computes a total that is left empty", () => {
    const body = filledIn({
      "- Files": "1",
      "- Implementation": "low",
      "- Test": "low",
      "- Documentation": "none",
      "## Difficulty": "low",
    });
    const { estimate } = understandIssue({ repository, title: "t", body, labels: [] }, {});
    expect(estimate).toMatchObject({ tokens: 28_600, confidence: 95 });
  });
});

describe("the form in every combination of styles", () => {
  const bullets = ["- ", "* ", "• ", "", "1. ", "  - "];
  const labels = [
    (label: string) => `${label}:`,
    (label: string) => `**${label}:**`,
    (label: string) => `**${label}**:`,
  ];
  const cases = [(text: string) => text, (text: string) => text.toUpperCase(), (text: string) => text.toLowerCase()];
  const numbers = ["20,000", "20000", "20K", "20k tokens", "20 000", "~20.000"];
  const headings = ["## Context Estimate", "**Context Estimate**", "Context Estimate:", ""];
  const ends = ["\n", "\r\n", "\n\n"];
  const EXPECTED = {
    files: 2,
    complexity: { level: "medium", tokens: 20_000 },
    tests: { level: "low", tokens: undefined },
    totalTokens: 20_000,
    difficulty: "high",
    blockedBy: [{ issue: "acme/widgets#7", expectedTitle: "COORD-007" }],
    problems: [],
  };

  it.each(headings)("below %j", (heading) => {
    const combinations = bullets.flatMap((bullet) =>
      labels.flatMap((label) =>
        cases.flatMap((spell) =>
          numbers.flatMap((number) => ends.map((end) => ({ bullet, label, spell, number, end }))),
        ),
      ),
    );
    const misread = combinations.filter(({ bullet, label, spell, number, end }) => {
      const line = (name: string, value: string) => `${bullet}${label(spell(name))} ${value}`;
      const body = [
        heading,
        line("Files to modify", "2 (a.ts, b.ts)"),
        line("Implementation complexity", `${spell("Medium")} (${number})`),
        line("Test requirements", spell("low")),
        line("Total estimated", number),
        line("Difficulty", spell("Hard")),
        line("Blocked by", "#7 (COORD-007)"),
      ].join(end);
      const { files, complexity, tests, totalTokens, difficulty, blockedBy, problems } = readMetadata(body, {
        repository,
      });
      const read = { files, complexity, tests, totalTokens, difficulty, blockedBy, problems };
      return JSON.stringify(read) !== JSON.stringify(EXPECTED);
    });
    expect(misread).toEqual([]);
    expect(combinations).toHaveLength(972);
  });
});
