/** The verdict on one commit. */
import { describe, expect, it } from "vitest";
import { RunId, Sha } from "../../../src/domain/ids.ts";
import type { GateOutcome, GateResult, IntegrityChange } from "../../../src/domain/verdict.ts";
import { decideVerdict } from "../../../src/gates/decide-verdict.ts";

const sha = Sha.parse("a".repeat(40));
const change: IntegrityChange = { kind: "gate-input", file: "package.json", detail: "the script `test` changed" };

function result(outcome: GateOutcome, index: number): GateResult {
  return {
    gate: `gate-${index}`,
    outcome,
    summary: outcome,
    command: "true",
    findings: [],
    excerpt: "",
    durationMs: 1,
    reused: false,
    run: RunId.parse("0".repeat(32)),
    refusedHosts: [],
  };
}

describe("decideVerdict", () => {
  it.each([
    ["all passed", ["passed", "passed"], [], "withhold", "accepted"],
    ["one failed", ["passed", "failed"], [], "withhold", "rejected"],
    ["one failed and one could not be run", ["error", "failed"], [], "withhold", "rejected"],
    ["one could not be run", ["passed", "error"], [], "withhold", "failed"],
    ["all passed on a branch that changed its own gates", ["passed"], [change], "withhold", "withheld"],
    ["the same where changes are only reported", ["passed"], [change], "report", "accepted"],
    ["one failed on a branch that changed its own gates", ["failed"], [change], "withhold", "rejected"],
    ["one could not be run on such a branch", ["error"], [change], "report", "failed"],
    ["there are no gates", [], [], "withhold", "failed"],
    ["there are no gates but changes", [], [change], "report", "failed"],
  ] as const)("when %s", (_title, outcomes, integrity, policy, outcome) => {
    const results = outcomes.map(result);
    expect(decideVerdict({ sha, results, integrity, policy })).toEqual({ sha, outcome, results, integrity });
  });
});
