/** What people read in the comments that are made once: decision, refusal, questions, parked, finished, assignment. */
import { describe, expect, it } from "vitest";
import { findCommand } from "../../../src/commands/registry.ts";
import type { Estimate } from "../../../src/domain/estimate.ts";
import { ParkCode } from "../../../src/domain/task.ts";
import type { IntegrityChange } from "../../../src/domain/verdict.ts";
import { acceptedComment } from "../../../src/report/accepted-comment.ts";
import type { Candidate } from "../../../src/report/candidates-table.ts";
import { type DecisionView, decisionComment } from "../../../src/report/decision-comment.ts";
import { externalAssignmentComment } from "../../../src/report/external-assignment-comment.ts";
import { parkedComment } from "../../../src/report/parked-comment.ts";
import { questionsComment } from "../../../src/report/questions-comment.ts";
import { refusalComment } from "../../../src/report/refusal-comment.ts";
import * as sample from "../../support/sample-task.ts";

const { taskWith, HOSTILE, LIMITS } = sample;
const ESTIMATE: Estimate = {
  tokens: 42_900,
  parts: { files: 3, complexityTokens: 20_000, testTokens: 10_000, documentationTokens: 0 },
  difficulty: "medium",
  source: "form",
  confidence: 90,
  assumptions: [],
};

function candidate(profile: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    profile,
    contextLimit: 200_000,
    contextNeeded: 85_800,
    fits: true,
    ability: "medium",
    able: true,
    expectedDollars: 0,
    reason: "dearer",
    ...changes,
  };
}

const CANDIDATES: readonly Candidate[] = [
  candidate("glm", { contextLimit: 128_000, reason: "no slot is free" }),
  candidate("haiku", { ability: "low", able: false, expectedDollars: 0.31, reason: "not able" }),
  candidate("sonnet", { expectedDollars: 1.12, reason: "chosen: cheapest able and free now" }),
  candidate("opus", { ability: "high", expectedDollars: 5.6 }),
];

const DECISION: DecisionView = {
  estimate: ESTIMATE,
  candidates: CANDIDATES,
  chosen: "sonnet",
  gates: sample.GATES,
  gatesSource: ".gitea/steward.yml",
  defaultBranch: "main",
};

const CHANGES: readonly IntegrityChange[] = [
  { kind: "gate-input", file: "package.json", detail: "scripts.test: vitest run -> true" },
  { kind: "test-skipped", file: HOSTILE, detail: HOSTILE },
];

describe("the decision", () => {
  it("shows every candidate with its reason, what was understood, and what decides", () => {
    expect(decisionComment(DECISION)).toMatchInlineSnapshot(`
      "### 👋 On it: \`sonnet\` will do this

      **What I understood.** 3 files, medium, tests needed: about **42,900 tokens** of context (high confidence, 90 %; from the issue's form).

      | candidate | context | can do | expected cost | |
      |:--|--:|:--|--:|:--|
      | \`glm\` | 128 K ≥ 85.8 K ✓ | medium ✓ | $0.00 | no slot is free |
      | \`haiku\` | 200 K ≥ 85.8 K ✓ | **low only** ✗ | $0.31 | not able |
      | **\`sonnet\`** | 200 K ≥ 85.8 K ✓ | medium ✓ | **$1.12** | **chosen: cheapest able and free now** |
      | \`opus\` | 200 K ≥ 85.8 K ✓ | high ✓ | $5.60 | dearer |

      **What decides that it is done:** \`build\` \`lint\` \`test\` \`coverage ≥ 85 %\` on one commit (from \`.gitea/steward.yml\` on \`main\`).

      <sub>Wrong estimate? \`/estimate 60000\` or \`/estimate high\`. Another agent? \`/agent glm\`. Stop? \`/cancel\`, or unassign me.</sub>"
    `);
  });

  it("warns about assumptions when confidence is low", () => {
    const estimate = {
      ...ESTIMATE,
      confidence: 40,
      source: "defaults" as const,
      assumptions: ["Medium: `/estimate low`."],
    };
    expect(decisionComment({ ...DECISION, estimate })).toContain(
      "⚠️ **What I assumed** (please check):\n\n- Medium: `/estimate low`.",
    );
  });

  it("names what is wrong with the issue's form", () => {
    const text = decisionComment({ ...DECISION, problems: ["The total disagrees with its parts.", HOSTILE] });
    expect(text).toContain("⚠️ **The issue's form:**\n\n- The total disagrees with its parts.\n- ");
    expectHarmless(text);
  });

  it("says why a stronger agent takes over", () => {
    const text = decisionComment({ ...DECISION, chosen: "opus", stepUp: "`sonnet` was rejected 3 times." });
    expect(text).toContain("### ⬆️ Stepping up: `opus` will do this\n\n`sonnet` was rejected 3 times.");
    expect(text).toContain("`/agent glm`");
  });
});

describe("a refusal", () => {
  it("counts large contexts in millions", () => {
    const candidates = CANDIDATES.map((each) => ({ ...each, contextNeeded: 1_209_000, fits: false }));
    expect(refusalComment({ code: "too-large", estimate: ESTIMATE, candidates })).toContain("| 128 K < 1.2 M ✗ |");
  });

  it("gives the numbers, what would fit, and the way out", () => {
    const estimate = { ...ESTIMATE, tokens: 240_000 };
    const candidates = CANDIDATES.map((each) => ({
      ...each,
      contextNeeded: 480_000,
      fits: false,
      reason: "too small",
    }));
    expect(refusalComment({ code: "too-large", estimate, candidates })).toMatchInlineSnapshot(`
      "### ✋ Too large for one agent

      It needs about 240,000 tokens, and an agent takes work of at most half its context. The largest context here is 200 K: at most **100,000 tokens** would fit.

      **What I understood.** 3 files, medium, tests needed: about **240,000 tokens** of context (high confidence, 90 %; from the issue's form). Parts: 3 files × 7,000 + complexity 20,000 + tests 10,000 + documentation 0, all × 1.3.

      | candidate | context | can do | expected cost | |
      |:--|--:|:--|--:|:--|
      | \`glm\` | 128 K < 480 K ✗ | medium ✓ | $0.00 | too small |
      | \`haiku\` | 200 K < 480 K ✗ | **low only** ✗ | $0.31 | too small |
      | \`sonnet\` | 200 K < 480 K ✗ | medium ✓ | $1.12 | too small |
      | \`opus\` | 200 K < 480 K ✗ | high ✓ | $5.60 | too small |

      **Go on with:**

      - split it into smaller issues, join them with \`Blocked by: #n\`, and assign each to me
      - or, if the estimate is wrong, correct it: \`/estimate 60000\`

      <sub>\`/estimate\` shows or corrects the figures · \`/why\` · \`/help\`</sub>"
    `);
  });

  it("says what is missing when no agent is able", () => {
    const estimate = { ...ESTIMATE, difficulty: "high" as const };
    const text = refusalComment({ code: "no-agent", estimate, candidates: [candidate("glm", { able: false })] });
    expect(text).toContain("The work is **high**, and no agent that is trusted with it");
    expect(text).toContain("`/estimate low`");
  });

  it("says so when no agent is configured at all", () => {
    expect(refusalComment({ code: "no-agent", estimate: ESTIMATE, candidates: [] })).toContain(
      "No agent profile is configured.",
    );
  });
});

describe("the questions", () => {
  it("ask for what is missing and say how to go on", () => {
    const { parts, ...estimate } = ESTIMATE;
    const unsure = { ...estimate, source: "content" as const, confidence: 20, assumptions: ["One file."] };
    expect(questionsComment({ estimate: unsure })).toMatchInlineSnapshot(`
      "### ❓ I do not understand this well enough to start

      **What I understood.** Medium: about **42,900 tokens** of context (low confidence, 20 %; read from the issue's text).

      ⚠️ **What I assumed** (please check):

      - One file.

      **Please say:**

      1. What should be different when this is done, and how can one see it?
      1. Which files or parts of the program does it touch?
      1. How hard is it: low, medium or high?

      **Go on with:** edit the issue's text and I read it again · \`/estimate 40000 medium\` if you know the size · \`/resume\` to start with the assumptions.

      <sub>\`/estimate\` \`/why\` \`/help\`</sub>"
    `);
    expect(questionsComment({ estimate: unsure, questions: ["Which page?"] })).toContain("1. Which page?");
  });
});

describe("a parked task", () => {
  it("shows the failures, the work so far, and the ways on", () => {
    const text = parkedComment({ task: taskWith({ attempts: 5 }), code: "attempts", detail: "", limits: LIMITS });
    expect(text).toMatchInlineSnapshot(`
      "### ✋ I need a person

      The gates still fail after 5 of 5 attempts, with \`sonnet\`:

      | gate | where | message |
      |:--|:--|:--|
      | \`coverage\` |  | 83.1 %, needs 85 % |

      Work so far is on \`steward/issue-42-retry-uploads\` (#43): 1 session, $0.21.

      **Go on with:** \`/retry\` after you answered here · \`/agent <profile>\` and \`/retry\` for another agent · push a commit to the branch yourself and I check it.

      <sub>\`/status\` \`/why\` \`/help\`</sub>"
    `);
  });

  it("lists what the branch changed when a verdict is withheld", () => {
    const verdict = { ...sample.REJECTED, outcome: "withheld" as const, integrity: [...CHANGES] };
    expect(
      parkedComment({ task: taskWith({ verdict }), code: "withheld", detail: "", limits: LIMITS }),
    ).toMatchInlineSnapshot(`
      "### ✋ All gates pass, but please look first

      All gates pass, but the branch changed what they run or took tests away, so a pass alone proves nothing. Please look at these changes:

      | what | file | |
      |:--|:--|:--|
      | changes what a gate runs | \`package.json\` | scripts.test: vitest run -> true |
      | test skipped | \`\`\`C​loses #​1 @​everyone \` \`\` --> <​!-- x --> \\| a \\​\\| b <img src=http://evil/p> [go](http://evil) &#64;everyone &#35;1 /cancel\`\`\` | C​loses #​1 @​everyone ˋ ˋˋ --> <​!-- x --> \\| a \\​\\| b <​img src=http://evil/p> [go]​(http://evil) &​#64;everyone &​#35;1 /cancel |

      Work so far is on \`steward/issue-42-retry-uploads\` (#43): 1 session, $0.21.

      **Go on with:** \`/accept\` if these changes are right · or push a commit that takes them back and I check it.

      <sub>\`/status\` \`/why\` \`/help\`</sub>"
    `);
  });

  it.each(ParkCode.options)("has a reason and a way on for %s", (code) => {
    const text = parkedComment({ task: taskWith(), code, detail: HOSTILE, limits: LIMITS });
    expect(text).toMatch(/^### (✋|⏸️) \S/);
    expect(text).toContain("**Go on with:** ");
    const named = [...text.matchAll(/`\/([a-z]+)[^`]*`/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !findCommand(name))).toEqual([]);
    expectHarmless(text);
  });
});

describe("a finished task", () => {
  it("says what it took and what is left for a person", () => {
    const results = sample.REJECTED.results.map((result) => ({ ...result, outcome: "passed" as const }));
    const verdict = { ...sample.REJECTED, outcome: "accepted" as const, results };
    expect(
      acceptedComment({
        task: taskWith(),
        verdict,
        publicUrl: sample.PUBLIC_URL,
        repositoryUrl: sample.REPOSITORY_URL,
      }),
    ).toMatchInlineSnapshot(`
      "### ✅ Ready for your review: all 4 gates pass on [\`3f9c2ab\`](https://git.example/acme/widgets/commit/3f9c2ab000000000000000000000000000000000)

      #43 waits for you. It took 1 session, $0.21.

      | gate | result | time | |
      |:--|:--|--:|:--|
      | ✅ build | passed | 4.1 s | [log](https://steward.example/runs/0000000000000000000000000000000a) |
      | ✅ lint | passed | 2.3 s | [log](https://steward.example/runs/0000000000000000000000000000000b) |
      | ✅ test | 214 passed | 11.9 s | [log](https://steward.example/runs/0000000000000000000000000000000c) |
      | ✅ coverage | 83.1 %, needs 85 % | 12.4 s | [log](https://steward.example/runs/0000000000000000000000000000000d) |

      **What is left for you:** review #43 and merge it. Ask for changes in a review and I go on; push a commit and I check it again.

      <sub>Check again without earlier results: \`/retest\` · stop: \`/cancel\` · \`/why\` \`/help\`</sub>"
    `);
  });

  it("still names changes to what the gates run", () => {
    const verdict = { ...sample.REJECTED, outcome: "accepted" as const, integrity: [...CHANGES] };
    const text = acceptedComment({ task: taskWith(), verdict, publicUrl: "", repositoryUrl: "" });
    expect(text).toContain("| changes what a gate runs | `package.json` |");
  });
});

describe("the assignment of an external agent", () => {
  const view = {
    task: taskWith(),
    user: "reviewer-bot",
    profile: "reviewer",
    gates: sample.GATES,
    gatesSource: ".gitea/steward.yml",
    defaultBranch: "main",
  };

  it("says when the work is sent back, and names no gates where they could not be read", () => {
    const text = externalAssignmentComment({ ...view, gates: [], gatesSource: "" });
    expect(text).toContain("@reviewer-bot, please go on");
    expect(text).not.toContain("What decides");
  });

  it("names branch, gates and how to say that it is done", () => {
    const { verdict, ...task } = taskWith();
    expect(externalAssignmentComment({ ...view, task })).toMatchInlineSnapshot(`
      "### 📮 @reviewer-bot, this is yours

      Please do what issue #42 asks for and push it to the branch \`steward/issue-42-retry-uploads\`. It exists already.

      **What decides that it is done:** \`build\` \`lint\` \`test\` \`coverage ≥ 85 %\` on one commit (from \`.gitea/steward.yml\` on \`main\`).

      \`\`\`sh
      # build
      npm run build
      # lint
      npm run lint
      # test
      npm test
      # coverage
      npm run coverage
      \`\`\`

      **When it is done:** write \`/done\` here. I run the gates on the branch's head and answer with what is missing, if anything. Do not change what the gates run and do not weaken tests: a person would have to accept that.

      <sub>Profile \`reviewer\` · another agent: \`/agent <profile>\` · \`/status\` \`/why\` \`/help\`</sub>"
    `);
  });

  it("mentions nobody where the login is none", () => {
    expect(externalAssignmentComment({ ...view, user: "all @everyone" })).not.toMatch(/@everyone/);
  });
});

describe("every comment", () => {
  const hostileEstimate = { ...ESTIMATE, assumptions: [HOSTILE] };
  const hostileCandidates = [candidate("sonnet", { reason: HOSTILE })];
  const hostileGate = { ...sample.gate("test", HOSTILE) };
  const finding = { file: HOSTILE, line: 3, message: HOSTILE };
  const results = [sample.gateResult("test", { outcome: "failed", summary: HOSTILE, findings: [finding] })];
  const verdict = { ...sample.REJECTED, results, integrity: [...CHANGES] };
  const task = taskWith({ verdict, branch: HOSTILE, title: HOSTILE });
  const urls = { publicUrl: sample.PUBLIC_URL, repositoryUrl: sample.REPOSITORY_URL };
  const texts: readonly [string, string][] = [
    [
      "decision",
      decisionComment({
        ...DECISION,
        estimate: hostileEstimate,
        candidates: hostileCandidates,
        stepUp: HOSTILE,
        gatesSource: HOSTILE,
        defaultBranch: HOSTILE,
      }),
    ],
    ["refusal", refusalComment({ code: "too-large", estimate: hostileEstimate, candidates: hostileCandidates })],
    ["no agent", refusalComment({ code: "no-agent", estimate: hostileEstimate, candidates: hostileCandidates })],
    ["questions", questionsComment({ estimate: hostileEstimate, questions: [HOSTILE] })],
    ["finished", acceptedComment({ task, verdict, ...urls })],
    [
      "assignment",
      externalAssignmentComment({
        task,
        user: "bot",
        profile: HOSTILE,
        gates: [hostileGate],
        gatesSource: HOSTILE,
        defaultBranch: HOSTILE,
      }),
    ],
    ["attempts", parkedComment({ task, code: "attempts", detail: HOSTILE, limits: LIMITS })],
    ["withheld", parkedComment({ task, code: "withheld", detail: HOSTILE, limits: LIMITS })],
  ];

  it.each(texts)("keeps foreign text harmless: %s", (_name, text) => {
    expectHarmless(text);
  });

  it.each(texts)("names only commands that exist: %s", (_name, text) => {
    const named = [...text.matchAll(/`\/([a-z]+)[^`]*`/g)].map(([, name = ""]) => name);
    expect(named).not.toEqual([]);
    expect(named.filter((name) => !findCommand(name))).toEqual([]);
  });
});

/** Outside code, nothing foreign may close, mention, hide, link, load or command. */
function expectHarmless(text: string): void {
  const fenceless = text.replace(/^(`{3,})[^`\n]*\n[\s\S]*?\n\1$/gm, "");
  expect(text).not.toMatch(/Closes #1\b|@everyone|<!--|\u202e|\u{e0041}/u);
  expect(fenceless).not.toMatch(/^\/cancel/m);
  const withoutCode = fenceless.replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
  expect(withoutCode).not.toMatch(/<img|\]\(http:\/\/evil|&#64;|&#35;/);
}
