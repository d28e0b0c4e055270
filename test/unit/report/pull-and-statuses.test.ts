/** Pull request text, labels and commit statuses. */
import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/domain/verdict.ts";
import { statusesFor } from "../../../src/report/commit-statuses.ts";
import { labelDefinitions, labelFamily, stateLabel } from "../../../src/report/labels.ts";
import { pullBody, pullTitle } from "../../../src/report/pull-text.ts";
import * as sample from "../../support/sample-task.ts";

const { taskWith, HOSTILE, gateResult } = sample;
const urls = { publicUrl: sample.PUBLIC_URL, repositoryUrl: sample.REPOSITORY_URL, profiles: sample.PROFILES };
const { publicUrl } = urls;

describe("the pull request's title", () => {
  it.each([
    ["Retry failed uploads", "Retry failed uploads"],
    ["WIP: [WIP] Retry", "Retry"],
    ["  several\n lines ", "several lines"],
    ["", "Issue 42"],
    ["wip:", "Issue 42"],
    ["fix #7 for @alice", "f\u200bix #\u200b7 for @\u200balice"],
    ["Fixes acme/other#7", "F\u200bixes acme/other#\u200b7"],
  ])("of %j is %j", (title, expected) => {
    expect(pullTitle(taskWith({ title }))).toBe(expected);
  });
});

describe("the pull request's description", () => {
  it("closes its issue and says what was done, checked, spent and refused", () => {
    expect(pullBody({ task: taskWith(), ...urls, refused: ["POST /v1/files", "example.org"] })).toMatchInlineSnapshot(`
      "Closes #42

      **Gates on [\`3f9c2ab\`](https://git.example/acme/widgets/commit/3f9c2ab000000000000000000000000000000000)**

      | gate | result | time | |
      |:--|:--|--:|:--|
      | ✅ build | passed | 4.1 s | [log](https://steward.example/runs/0000000000000000000000000000000a) |
      | ✅ lint | passed | 2.3 s | [log](https://steward.example/runs/0000000000000000000000000000000b) |
      | ✅ test | 214 passed | 11.9 s | [log](https://steward.example/runs/0000000000000000000000000000000c) |
      | ❌ coverage | 83.1 %, needs 85 % | 12.4 s | [log](https://steward.example/runs/0000000000000000000000000000000d) |

      **Sessions:** 1 session, $0.21

      | session | agent | ended | context used | tokens in / cached / out | cost |
      |:--|:--|:--|:--|--:|--:|
      | [1](https://steward.example/runs/00000000000000000000000000000001) | \`sonnet\` | said it is done | \`██████░░░░\` 61 % of 200 K | 182,400 / 141,000 / 9,120 | $0.21 |
      | [2](https://steward.example/runs/00000000000000000000000000000002) | \`sonnet\` | at work | measured at its end |  |  |

      **Refused on the way out of the sandbox:** \`POST /v1/files\`, \`example.org\`

      <sub>Steward keeps this text up to date; what happens now is in the status comment of issue 42.</sub>"
    `);
  });

  it("has its issue as the only closing reference, whatever the outside says", () => {
    const results = [gateResult("test", { summary: HOSTILE, refusedHosts: [HOSTILE, "Fixes #9"] })];
    const integrity = [{ kind: "test-deleted" as const, file: HOSTILE, detail: "Resolves: acme/other#3" }];
    const verdict = { ...sample.REJECTED, results, integrity };
    const text = pullBody({ task: taskWith({ title: HOSTILE, verdict }), ...urls, refused: [HOSTILE] });
    const closing = /\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|reopen(?:s|ed)?):?\s+[\w./-]*[#!]\d+/gi;
    expect(text.match(closing)).toEqual(["Closes #42"]);
    expect(text).not.toMatch(/@everyone|<!--/);
  });

  it("says so when no gate has finished", () => {
    const { verdict, ...task } = taskWith({ sessions: [], phase: { state: "reading" } });
    expect(pullBody({ task, ...urls })).toMatchInlineSnapshot(`
      "Closes #42

      No gate has finished yet. The commit statuses say what runs.

      <sub>Steward keeps this text up to date; what happens now is in the status comment of issue 42.</sub>"
    `);
  });
});

describe("labels", () => {
  it("are one for each state that people look for", () => {
    expect(stateLabel("working")).toBe("agent/working");
    expect(stateLabel("parked")).toBe("agent/needs-human");
    expect(stateLabel("cancelled")).toBeUndefined();
  });

  it("are all defined and in one family", () => {
    const states = ["reading", "blocked", "queued", "working", "verifying", "review", "parked", "done"] as const;
    expect(new Set(states.map((state) => stateLabel(state)))).toEqual(new Set(labelFamily()));
    for (const { color } of labelDefinitions()) expect(color).toMatch(/^[0-9a-f]{6}$/);
  });
});

describe("commit statuses", () => {
  const results = [
    gateResult("build"),
    gateResult("lint", { outcome: "error", summary: "the runner was lost" }),
    gateResult("test", { summary: "214 passed", reused: true }),
    gateResult("coverage", { outcome: "failed", summary: "coverage 83.1 %, needs 85 %" }),
  ];

  function described(view: Parameters<typeof statusesFor>[0]): readonly string[] {
    return statusesFor(view).map(({ context, state, description }) => `${context} ${state}: ${description}`);
  }

  it("say what runs and what waits", () => {
    const verification = sample.verificationWith(results.slice(0, 1));
    verification.gates[3] = { gate: sample.gate("coverage", "x"), run: sample.runId(23), tries: 2 };
    expect(described({ verification, running: [sample.runId(21)], publicUrl })).toMatchInlineSnapshot(`
      [
        "steward/build success: passed in 4.1 s",
        "steward/lint pending: running",
        "steward/test pending: waiting for a runner",
        "steward/coverage pending: waiting for a runner, try 2: Steward failed before",
        "steward/verdict pending: gates are running",
      ]
    `);
  });

  it("say what was found, the verdict last", () => {
    const verdict: Verdict = { ...sample.REJECTED, results };
    expect(described({ verdict, publicUrl })).toMatchInlineSnapshot(`
      [
        "steward/build success: passed in 4.1 s",
        "steward/lint error: Steward failed: the runner was lost",
        "steward/test success: reused: same tree · 214 passed",
        "steward/coverage failure: coverage 83.1 %, needs 85 %",
        "steward/verdict failure: rejected: 1 of 4 gates fails",
      ]
    `);
  });

  it.each<[Partial<Verdict>, string]>([
    [{ outcome: "accepted" }, "steward/verdict success: accepted: all 4 gates passed"],
    [{ outcome: "rejected" }, "steward/verdict failure: rejected: 1 of 4 gates fails"],
    [{ outcome: "failed" }, "steward/verdict error: Steward failed: 1 of 4 gates could not be run"],
    [
      { outcome: "withheld", integrity: [{ kind: "gate-input", file: "a", detail: "" }] },
      "steward/verdict pending: withheld: a person must accept 1 change to what the gates run",
    ],
    [
      { outcome: "accepted", integrity: [{ kind: "gate-input", file: "a", detail: "" }] },
      "steward/verdict success: accepted: all 4 gates passed, with 1 change to what they run",
    ],
  ])("give the verdict %j", (changes, expected) => {
    expect(described({ verdict: { ...sample.REJECTED, results, ...changes }, publicUrl }).at(-1)).toBe(expected);
  });

  it("fit what forges store and stay on one line", () => {
    const verdict = { ...sample.REJECTED, results: [gateResult("test", { summary: `a\n${"b".repeat(400)}` })] };
    const [first] = statusesFor({ verdict, publicUrl });
    expect(first?.description).toHaveLength(255);
    expect(first?.description).not.toContain("\n");
  });

  it("link the log of the run they speak of", () => {
    const statuses = statusesFor({ verdict: { ...sample.REJECTED, results }, publicUrl: `${publicUrl}/` });
    expect(statuses.map((status) => status.targetUrl)).toEqual(Array(5).fill(`${publicUrl}/runs/${sample.runId(10)}`));
  });

  it("are none before there is anything to say", () => {
    expect(statusesFor({ publicUrl })).toEqual([]);
  });
});
