/** Whether two failures are the same. */
import { describe, expect, it } from "vitest";
import { RunId } from "../../../src/domain/ids.ts";
import type { GateResult } from "../../../src/domain/verdict.ts";
import { fingerprint } from "../../../src/gates/fingerprint.ts";

function failure(more: Partial<GateResult> = {}): GateResult {
  return {
    gate: "test",
    outcome: "failed",
    summary: "2 of 214 failed",
    command: "npm test",
    findings: [{ file: "retry.test.ts", line: 12, message: "gives up after 5 tries: expected 5, got 6" }],
    excerpt: "",
    durationMs: 11_900,
    reused: false,
    run: RunId.parse("0".repeat(32)),
    refusedHosts: [],
    ...more,
  };
}

function finding(message: string, file = "retry.test.ts", line = 12): Partial<GateResult> {
  return { findings: [{ file, line, message }] };
}

describe("the fingerprint stays the same for", () => {
  it.each([
    ["another line", finding("gives up after 5 tries: expected 5, got 6", "retry.test.ts", 99)],
    ["other figures", finding("gives up after 5 tries: expected 7, got -12.5")],
    ["another count", { summary: "3 of 215 failed" }],
    ["another time and run", { durationMs: 5, run: RunId.parse("1".repeat(32)), reused: true }],
    ["another excerpt beside the same findings", { excerpt: "x" }],
    ["colours and blanks", finding("\u001b[31mgives  up after 5 tries:\u001b[0m expected 5, got 6")],
    ["a finding that is said twice", { findings: [...failure().findings, ...failure().findings] }],
  ])("%s", (_title, more) => {
    expect(fingerprint([failure(more)])).toBe(fingerprint([failure()]));
  });

  it("gates in another order, and gates that passed or that we could not run", () => {
    const [a, b] = [failure({ gate: "a" }), failure({ gate: "b" })];
    const others = [failure({ gate: "c", outcome: "passed" }), failure({ gate: "d", outcome: "error" })];
    expect(fingerprint([b, a, ...others])).toBe(fingerprint([a, b]));
  });

  it("hashes, times and percentages in a log that nobody understands", () => {
    const log = (text: string) => fingerprint([failure({ findings: [], excerpt: text })]);
    expect(log("at deadbeef01 in 1.2s: 83.1 %\n")).toBe(log("at 0badcafe99 in 950ms: 84 %"));
  });
});

describe("the fingerprint changes with", () => {
  it.each([
    ["the gate", { gate: "lint" }],
    ["the file", finding("gives up after 5 tries: expected 5, got 6", "other.test.ts")],
    ["the message", finding("does not give up")],
    ["a further finding", { findings: [...failure().findings, { file: "a.ts", message: "x" }] }],
    ["what a gate without findings says", { findings: [], excerpt: "Segmentation fault" }],
  ])("%s", (_title, more) => {
    expect(fingerprint([failure(more)])).not.toBe(fingerprint([failure()]));
  });

  it("one gate less that fails", () => {
    expect(fingerprint([failure()])).not.toBe(fingerprint([failure(), failure({ gate: "lint" })]));
  });
});

describe("no fingerprint", () => {
  it("is there when nothing failed", () => {
    expect(fingerprint([])).toBeUndefined();
    expect(fingerprint([failure({ outcome: "passed" }), failure({ outcome: "error" })])).toBeUndefined();
  });
});
