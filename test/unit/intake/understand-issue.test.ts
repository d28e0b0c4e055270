/** What is understood of an issue. */
import { describe, expect, it } from "vitest";
import { Estimate } from "../../../src/domain/estimate.ts";
import { RepositoryName } from "../../../src/domain/ids.ts";
import type { Overrides } from "../../../src/domain/task.ts";
import { type Understanding, understandIssue } from "../../../src/intake/understand-issue.ts";

const repository = RepositoryName.parse("acme/widgets");

interface Given {
  readonly title?: string;
  readonly body?: string;
  readonly labels?: readonly string[];
}

function understand(given: Given, overrides: Overrides = {}): Understanding {
  const issue = { repository, title: "Add a thing", body: "", labels: [], ref: { repository, number: 42 }, ...given };
  return understandIssue(issue, overrides);
}

const FORM = `## Context Estimate
- Files to modify: 2
- Implementation complexity: high
- Test requirements: medium
- Documentation: none
- Total estimated: 70,200

## Difficulty
high
`;

describe("an issue with a complete form", () => {
  it("is believed", () => {
    const { estimate, problems, questions } = understand({ body: FORM });
    expect(Estimate.parse(estimate)).toEqual({
      tokens: 70_200,
      parts: { files: 2, complexityTokens: 30_000, testTokens: 10_000, documentationTokens: 0 },
      difficulty: "high",
      source: "form",
      confidence: 95,
      assumptions: [],
    });
    expect([problems, questions]).toEqual([[], []]);
  });

  it("takes tokens in brackets for what they say", () => {
    const body = FORM.replace("high", "high (40,000)").replace("70,200", "83,200");
    expect(understand({ body })).toMatchObject({ estimate: { tokens: 83_200, confidence: 95 }, problems: [] });
  });

  it("is asked about when its total has lost a digit", () => {
    const { estimate, questions } = understand({ body: FORM.replace("70,200", "7,020") });
    expect(estimate).toMatchObject({ tokens: 70_200, confidence: 25 });
    expect(questions).toEqual([
      "The form states a total of 7,020 tokens, but its own parts make 70,200. Which one is right? Answer with `/estimate 70200` or another number.",
    ]);
  });
});

describe("an issue with a part of the form", () => {
  const lines = FORM.split("\n");
  const without = (...labels: readonly string[]) =>
    lines.filter((line) => !labels.some((label) => line.includes(label))).join("\n");

  it.each([
    ["a total and a difficulty only", "Total estimated: 50K\nDifficulty: low", 50_000, 90],
    ["no total", without("Total"), 70_200, 95],
    ["no total and no documentation", without("Total", "Documentation"), 72_800, 90],
    ["no total, no files", without("Total", "Files"), 70_200, 85],
    ["files only", "Files to modify: 2", 59_800, 60],
    ["a difficulty only", "Difficulty: medium", 59_800, 60],
    ["no difficulty", without("Difficulty").replace("\nhigh\n", ""), 70_200, 80],
  ])("that has %s", (_title, body, tokens, confidence) => {
    expect(understand({ body }).estimate).toMatchObject({ tokens, confidence, source: "form" });
  });

  it("names what was assumed with the command that corrects it", () => {
    expect(understand({ body: "Files to modify: 2\nDocumentation: none" }).estimate.assumptions).toEqual([
      "Implementation complexity: medium, because the form does not say; `/estimate 60000` corrects it.",
      "Test requirements: medium, because the form does not say; `/estimate 60000` corrects it.",
      "Difficulty: medium, because nothing says more; `/estimate high` corrects it.",
    ]);
  });

  it("doubts a total that is less than the parts that are stated", () => {
    const body = "Files to modify: 10\nTotal estimated: 50,000\nDifficulty: low";
    expect(understand({ body })).toMatchObject({
      estimate: { tokens: 91_000 },
      problems: ["The form states a total of 50,000 tokens, but its own parts make 91,000; I use the larger one."],
    });
  });

  it("is asked about when nothing of it can be read", () => {
    const { estimate, questions, problems } = understand({ body: "Difficulty: dunno\nTotal estimated: lots" });
    expect(estimate.confidence).toBeLessThan(30);
    expect(questions).toHaveLength(2);
    expect(problems).toHaveLength(2);
  });

  it("is not asked about for one slip, nor for slips in references", () => {
    const body = "Difficulty: dunno\nBlocked by: the others\nDepends on: the rest";
    expect(understand({ body })).toMatchObject({ estimate: { confidence: 40 }, questions: [] });
  });
});

describe("an issue without a form", () => {
  it("is not interrogated: medium, 40 %, and what was assumed", () => {
    expect(understand({ body: "Please." })).toMatchObject({
      estimate: {
        tokens: 59_800,
        difficulty: "medium",
        source: "defaults",
        confidence: 40,
        assumptions: [
          "Size: 2 files, medium complexity, medium tests, light documentation, because nothing says more; `/estimate 60000` corrects it.",
          "Difficulty: medium, because nothing says more; `/estimate high` corrects it.",
          "Any agent that can do it may have it, because none is asked for; `/agent name` corrects it.",
        ],
      },
      problems: [],
      questions: [],
    });
  });

  it.each([
    ["Fix typo in README", "low", 37_700],
    ["Migrate the queue to Redis", "high", 72_800],
    ["Fix a race condition in the docs build", "high", 72_800],
    ["Add a button", "medium", 59_800],
  ])("titled %j is taken for %s", (title, difficulty, tokens) => {
    expect(understand({ title }).estimate).toMatchObject({ difficulty, tokens, confidence: 40 });
  });

  it("counts the files its text names, but not those in logs", () => {
    const body = "Change `src/a.ts`, `src/b.ts:12` and `src/c.ts`; `src/a.ts` first.\n```\nat `x.ts` `y.ts`\n```";
    expect(understand({ body }).estimate).toMatchObject({ parts: { files: 3 }, source: "content", confidence: 40 });
  });

  it("does not believe a list of fifty files", () => {
    const body = Array.from({ length: 50 }, (_, index) => `\`f${index}.ts\``).join(" ");
    expect(understand({ body }).estimate.parts?.files).toBe(6);
  });
});

describe("labels", () => {
  it.each([
    [["difficulty/high"], "high", 72_800, "labels", 50],
    [["Difficulty: Hard"], "high", 72_800, "labels", 50],
    [["difficulty/low", "difficulty/high"], "high", 72_800, "labels", 50],
    [["size/XS"], "medium", 28_600, "labels", 50],
    [["size/S", "size/L"], "medium", 91_000, "labels", 50],
    [["size/small", "difficulty/easy"], "low", 37_700, "labels", 50],
    [["difficulty/", "size/huge house", "sizes/L", "difficulty/constructor"], "medium", 59_800, "defaults", 40],
  ])("%j", (labels, difficulty, tokens, source, confidence) => {
    expect(understand({ labels }).estimate).toMatchObject({ difficulty, tokens, source, confidence });
  });

  it("fill what the form leaves out, and do not overrule it", () => {
    const labels = ["difficulty/low"];
    expect(understand({ body: FORM, labels }).estimate.difficulty).toBe("high");
    const body = FORM.replace("## Difficulty\nhigh", "");
    expect(understand({ body, labels }).estimate).toMatchObject({ difficulty: "low", confidence: 95 });
  });

  it.each([
    [[], 2],
    [["priority/critical"], 0],
    [["Priority/High"], 1],
    [["priority/low"], 3],
    [["priority/low", "priority/high"], 1],
    [["priority/P0"], 0],
    [["priority/7"], 7],
    [["priority/whenever"], 2],
  ])("%j give priority %i", (labels, priority) => {
    expect(understand({ labels }).priority).toBe(priority);
  });
});

describe("the wanted agent", () => {
  it("is the command's, else the label's, else the form's", () => {
    const body = "## Agent\nhaiku";
    const labels = ["use/glm"];
    expect(understand({ body, labels }, { agent: "opus" }).wantedAgent).toBe("opus");
    expect(understand({ body, labels }).wantedAgent).toBe("glm");
    expect(understand({ body }).wantedAgent).toBe("haiku");
    expect(understand({})).not.toHaveProperty("wantedAgent");
  });

  it("is not who the form recommends by size", () => {
    expect(understand({ body: "Recommended agent: opus" })).not.toHaveProperty("wantedAgent");
  });
});

describe("commands", () => {
  it("replace the tokens", () => {
    const { estimate } = understand({ body: FORM }, { tokens: 12_345 });
    expect(estimate).toEqual({
      tokens: 12_345,
      difficulty: "high",
      source: "command",
      confidence: 95,
      assumptions: [],
    });
  });

  it("replace the difficulty, and with it the guess of the size", () => {
    const { estimate } = understand({}, { difficulty: "high" });
    expect(estimate).toMatchObject({ tokens: 72_800, difficulty: "high", source: "command", confidence: 95 });
    expect(estimate.assumptions.join()).not.toContain("Difficulty");
    expect(estimate.assumptions.join()).toContain("Size");
  });

  it("leave the estimate of a form when only an agent is named", () => {
    expect(understand({ body: FORM }, { agent: "opus" }).estimate).toMatchObject({ source: "form", confidence: 95 });
  });

  it("settle what the author was asked", () => {
    const body = "Difficulty: dunno\nTotal estimated: lots";
    expect(understand({ body }, { tokens: 40_000 })).toMatchObject({ questions: [], estimate: { confidence: 95 } });
  });
});

describe("blockers", () => {
  it("are named once each, without the issue itself", () => {
    const body = "Blocked by: #1, #42, ACME/widgets#42, #1 (COORD-1), other/repo#42, Other/Repo#42";
    const { blockedBy, problems } = understand({ body });
    expect(blockedBy).toEqual([{ issue: "acme/widgets#1" }, { issue: "other/repo#42" }]);
    expect(problems).toEqual(["The issue names itself as its blocker; I ignore that."]);
  });

  it("are at most fifty, and a longer list is not cut silently", () => {
    const body = `Blocked by: ${Array.from({ length: 60 }, (_, index) => `#${index + 100}`).join(", ")}`;
    const { blockedBy, problems } = understand({ body });
    expect(blockedBy).toHaveLength(50);
    expect(problems).toEqual(["The issue names more than 50 blockers; I watch the first 50."]);
  });

  it("may be given as the forge's own URLs", () => {
    const issue = { repository, title: "t", body: "Blocked by: https://git.example.org/a/b/issues/3", labels: [] };
    expect(understandIssue({ ...issue, forgeUrl: "https://git.example.org" }, {}).blockedBy).toEqual([
      { issue: "a/b#3" },
    ]);
  });
});

describe("the content hash", () => {
  const hash = (given: Given) => understand(given).contentHash;

  it("changes with title, body and the labels that are read", () => {
    const hashes = [{}, { title: "x" }, { body: "x" }, { labels: ["size/L"] }, { labels: ["size/L", "use/x"] }].map(
      hash,
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("stays the same for Steward's own labels, others, and another order", () => {
    expect(hash({ labels: ["agent/working", "bug"] })).toBe(hash({}));
    expect(hash({ labels: ["size/L", "use/x"] })).toBe(hash({ labels: ["use/x", "agent/queued", "size/L"] }));
  });
});
