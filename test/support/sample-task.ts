/** A task in the middle of its life, and hostile text, for tests of what is written about tasks. */
import type { AgentProfiles } from "../../src/domain/agent-profile.ts";
import { Gate } from "../../src/domain/gate.ts";
import { RunId, Sha, TaskId } from "../../src/domain/ids.ts";
import { Limits } from "../../src/domain/limits.ts";
import type { FinishedSession } from "../../src/domain/session.ts";
import type { Phase, Task } from "../../src/domain/task.ts";
import type { GateResult, Verdict } from "../../src/domain/verdict.ts";
import type { Verification } from "../../src/domain/verification.ts";

/** Text that tries everything a title or a log can try. */
export const HOSTILE =
  "Closes #1 @everyone ` `` --> <!-- x --> | a \\| b <img src=http://evil/p> [go](http://evil) &#64;everyone &#35;1\n/cancel\u202e\u{e0041}";

export const NOW = Date.UTC(2026, 10, 21, 14, 2, 31);
export const PUBLIC_URL = "https://steward.example";
export const REPOSITORY_URL = "https://git.example/acme/widgets";
export const SHA = Sha.parse("3f9c2ab".padEnd(40, "0"));
export const LIMITS = Limits.parse({});

/** The nth run id. */
export function runId(n: number): RunId {
  return RunId.parse(n.toString(16).padStart(32, "0"));
}

export const PROFILES: AgentProfiles = {
  glm: agent(128_000, "medium", 0, 0),
  haiku: agent(200_000, "low", 1, 5),
  sonnet: agent(200_000, "medium", 3, 15),
  opus: agent(200_000, "high", 15, 75),
  reviewer: {
    driver: "external",
    user: "reviewer-bot",
    context: 200_000,
    difficulty: "high",
    price: { input: 0, output: 0 },
    slots: 1,
  },
};

function agent(context: number, difficulty: "low" | "medium" | "high", input: number, output: number) {
  return { driver: "command" as const, run: "agent", context, difficulty, price: { input, output }, slots: 1 };
}

export const GATES: readonly Gate[] = [
  gate("build", "npm run build"),
  gate("lint", "npm run lint"),
  gate("test", "npm test"),
  { ...gate("coverage", "npm run coverage"), coverage: { report: "coverage/lcov.info", minimum: 85 } },
];

/** A gate with one step. */
export function gate(name: string, step: string): Gate {
  return Gate.parse({ name, steps: [step], env: {}, timeoutMinutes: 10, runsOn: [] });
}

/** A gate's result; passed unless said otherwise. */
export function gateResult(name: string, changes: Partial<GateResult> = {}): GateResult {
  return {
    gate: name,
    outcome: "passed",
    summary: "passed",
    command: `npm run ${name}`,
    findings: [],
    excerpt: "",
    durationMs: 4_100,
    reused: false,
    run: runId(10),
    refusedHosts: [],
    ...changes,
  };
}

export const REJECTED: Verdict = {
  sha: SHA,
  outcome: "rejected",
  results: [
    gateResult("build"),
    gateResult("lint", { durationMs: 2_300, run: runId(11) }),
    gateResult("test", { summary: "214 passed", durationMs: 11_900, run: runId(12) }),
    gateResult("coverage", {
      outcome: "failed",
      summary: "83.1 %, needs 85 %",
      durationMs: 12_400,
      run: runId(13),
      excerpt: "ERROR: Coverage for lines (83.1%) does not meet global threshold (85%)",
      coverage: {
        percent: 83.1,
        uncoveredChanged: [
          { file: "src/upload.ts", lines: [41, 42, 43, 44, 45, 46, 47, 62] },
          { file: "src/retry.ts", lines: [12, 19, 20] },
        ],
      },
    }),
  ],
  integrity: [],
};

export const SESSION: FinishedSession = {
  run: runId(1),
  profile: "sonnet",
  ordinal: 1,
  outcome: "claimed",
  changed: true,
  refused: [],
  durationMs: 300_000,
  costDollars: 0.21,
  usage: {
    requests: 12,
    inputTokens: 182_400,
    cachedTokens: 141_000,
    outputTokens: 9_120,
    contextTokens: 122_000,
    providerErrors: 0,
  },
};

/** The session at work in `taskWith()`. */
export const WORKING: Phase = {
  state: "working",
  session: { run: runId(2), profile: "sonnet", ordinal: 2, base: SHA, instruction: "", startedAt: NOW },
};

/** A verification of the sample gates; the first ones given have results. */
export function verificationWith(results: readonly GateResult[]): Verification {
  return {
    sha: SHA,
    base: SHA,
    gates: GATES.map((definition, index) => ({
      gate: definition,
      run: runId(20 + index),
      tries: 1,
      ...(results[index] && { result: results[index] }),
    })),
    integrity: "withhold",
    inspection: { run: runId(30), tries: 1 },
    fresh: false,
    startedAt: NOW,
  };
}

/** The sample task (issue 42, sent back once) with some parts changed. */
export function taskWith(changes: Partial<Task> = {}): Task {
  return {
    id: TaskId.parse("acme/widgets#42"),
    version: 7,
    phase: WORKING,
    reason: "`coverage` needs 85 % of lines, found 83.1 %. The agent is working on it again.",
    title: "Retry failed uploads",
    assignment: 99,
    estimate: {
      tokens: 42_900,
      parts: { files: 3, complexityTokens: 20_000, testTokens: 10_000, documentationTokens: 0 },
      difficulty: "medium",
      source: "form",
      confidence: 90,
      assumptions: [],
    },
    contentHash: "c0ffee",
    blockedBy: [TaskId.parse("acme/widgets#40")],
    overrides: {},
    branch: "steward/issue-42-retry-uploads",
    head: SHA,
    pull: 43,
    attempts: 1,
    attemptsWithProfile: 1,
    noWork: 0,
    ourFailures: 0,
    sessions: [SESSION],
    verdict: REJECTED,
    handled: { issueComment: 5, pullComment: 0, review: 0 },
    handledEdits: [],
    notices: [],
    stopping: [],
    recheck: false,
    claimed: false,
    notBefore: 0,
    unpublished: false,
    createdAt: NOW,
    updatedAt: NOW,
    ...changes,
  };
}
