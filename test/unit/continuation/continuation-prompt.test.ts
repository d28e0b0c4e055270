/** What sends an agent back to work: exact, bounded, and safe to publish. */
import { describe, expect, it } from "vitest";
import { type ContinuationView, continuationPrompt } from "../../../src/continuation/continuation-prompt.ts";
import type { GateResult, Verdict } from "../../../src/domain/verdict.ts";
import * as sample from "../../support/sample-task.ts";

const { gateResult, HOSTILE } = sample;
const VIEW: ContinuationView = {
  verdict: sample.REJECTED,
  attempt: 2,
  limits: sample.LIMITS,
  profile: "sonnet",
  source: "main",
  publicUrl: sample.PUBLIC_URL,
  gates: sample.GATES,
};

function withResults(results: readonly GateResult[]): Verdict {
  return { ...sample.REJECTED, results: [...results] };
}

function failed(name: string, changes: Partial<GateResult> = {}): GateResult {
  return gateResult(name, { outcome: "failed", summary: "exit code 1", ...changes });
}

describe("the continuation", () => {
  it("shows the failing gate with what was required, found, uncovered, and how to see it oneself", () => {
    expect(continuationPrompt(VIEW)).toMatchInlineSnapshot(`
      "### ❌ Not done yet: 1 of 4 gates fails on \`3f9c2ab\`

      The task is finished when every gate passes on one commit. Nothing can be deferred, and a part of it does not count.

      **coverage** — required 85 % of lines, found **83.1 %**. Of the lines you changed, 11 are not covered:

      | file | lines |
      |:--|:--|
      | \`src/upload.ts\` | 41–47, 62 |
      | \`src/retry.ts\` | 12, 19–20 |

      \`\`\`
      $ npm run coverage
      ERROR: Coverage for lines (83.1%) does not meet global threshold (85%)
      \`\`\`

      Run it yourself: \`npm run coverage\`.

      Do not lower thresholds, exclude files or weaken tests: gates are read from \`main\`, not from this branch.

      <sub>Attempt 2 of 5 · \`sonnet\` · [full log](https://steward.example/runs/0000000000000000000000000000000d)</sub>"
    `);
  });

  it("shows findings with file and line", () => {
    const findings = [
      { file: "src/retry.ts", line: 12, message: "Type 'string' is not assignable to type 'number'." },
      { file: "src/retry.ts", message: "no line" },
      { message: "no file" },
    ];
    const results = [gateResult("test"), failed("build", { findings, excerpt: "error TS2322", summary: "3 errors" })];
    const text = continuationPrompt({ ...VIEW, verdict: withResults(results) });
    expect(text.slice(text.indexOf("**build**"), text.indexOf("Do not lower"))).toMatchInlineSnapshot(`
      "**build** — required: it passes; found: 3 errors.

      | where | message |
      |:--|:--|
      | \`src/retry.ts:12\` | Type 'string' is not assignable to type 'number'. |
      | \`src/retry.ts\` | no line |
      |  | no file |

      \`\`\`
      $ npm run build
      error TS2322
      \`\`\`

      Run it yourself: \`npm run build\`.

      "
    `);
    expect(text).not.toContain("**test**");
  });

  it("says what the changed lines need", () => {
    const [, , , coverage] = sample.GATES;
    const gates = coverage ? [{ ...coverage, coverage: { report: "lcov", minimum: 80, changedLines: 90 } }] : [];
    const found = { percent: 85, changedPercent: 89.96, uncoveredChanged: [{ file: "a.ts", lines: [1] }] };
    const verdict = withResults([failed("coverage", { coverage: found })]);
    expect(continuationPrompt({ ...VIEW, verdict, gates })).toContain(
      "required 80 % of lines, found **85 %**; required 90 % of the lines you changed, found **89.9 %**. Of the lines you changed, 1 is not covered:",
    );
  });

  it("never mentions a failure of Steward as the agent's", () => {
    const verdict = withResults([failed("build"), gateResult("lint", { outcome: "error", summary: "runner lost" })]);
    const text = continuationPrompt({ ...VIEW, verdict });
    expect(text).toContain("1 of 2 gates fails");
    expect(text).not.toMatch(/lint|runner lost/);
  });

  it("says that attempts have run out", () => {
    expect(continuationPrompt({ ...VIEW, attempt: 6 })).toContain("<sub>That was the last attempt · `sonnet`");
  });

  it("stays short whatever failed, and says what was cut", () => {
    const findings = Array.from({ length: 500 }, (_, index) => ({
      file: `src/${"deep/".repeat(30)}file-${index}.ts`,
      line: index + 1,
      message: "m".repeat(2_000),
    }));
    const results = ["build", "lint", "test"].map((name) =>
      failed(name, { findings, excerpt: "e".repeat(50_000), summary: "s".repeat(5_000), command: "c".repeat(9_000) }),
    );
    const text = continuationPrompt({ ...VIEW, verdict: withResults(results) });
    expect(text.length).toBeLessThanOrEqual(12_000);
    expect(text).toMatch(/\d+ more findings in the full log\./);
    for (const name of ["build", "lint", "test"]) expect(text).toContain(`**${name}**`);
  });

  it("cuts an excerpt at its beginning, where less is said", () => {
    const verdict = withResults([failed("test", { excerpt: `${"x".repeat(10_000)}THE END` })]);
    const text = continuationPrompt({ ...VIEW, verdict });
    expect(text).toContain("THE END");
    expect(text).toContain("[7007 characters cut]");
  });

  it("names the gates that do not even fit as names with their details", () => {
    const results = Array.from({ length: 200 }, (_, index) => failed(`gate-${index}`, { command: "c".repeat(400) }));
    const text = continuationPrompt({ ...VIEW, verdict: withResults(results) });
    expect(text.length).toBeLessThanOrEqual(12_000);
    expect(text).toMatch(/Failing too, left out here: `gate-\d+`/);
    expect(text).toMatch(/and \d+ more\./);
  });

  it("keeps what tools printed harmless", () => {
    const results = [
      failed("test", {
        summary: HOSTILE,
        excerpt: `${HOSTILE}\n\`\`\`\n/cancel\n@everyone Closes #1`,
        command: HOSTILE,
        findings: [{ file: HOSTILE, line: 1, message: HOSTILE }],
        coverage: { percent: 1, uncoveredChanged: [{ file: HOSTILE, lines: [1] }] },
      }),
    ];
    const text = continuationPrompt({ ...VIEW, verdict: withResults(results), source: HOSTILE, profile: HOSTILE });
    expect(text).not.toMatch(/Closes #1\b|@everyone|<!--|\u202e/);
    const fence = /^(`{4,})\n\$ [\s\S]*?\n\1$/m.exec(text)?.[0] ?? "";
    expect(fence).toContain("/cancel");
    expect(text.replace(fence, "")).not.toMatch(/^\/cancel/m);
  });
});
