/** Test counts in recorded output. */
import { describe, expect, test } from "vitest";
import { sayCounts, testCounts } from "../../../../runners/findings/test-counts.ts";
import { recordedLog } from "../../../support/findings-fixture.ts";

/** The counts in words, as people read them. */
function said(log: string): string | undefined {
  const counts = testCounts(log);
  return counts && sayCounts(counts);
}

describe("test counts", () => {
  test.each([
    ["vitest", "4 failed, 1 passed"],
    ["jest", "2 failed, 1 passed"],
    ["node-spec", "4 failed, 1 passed"],
    ["node-tap", "4 failed, 1 passed"],
    ["pytest", "4 failed, 2 passed"],
    ["pytest-summary", "4 failed, 2 passed"],
    ["go-test-v", "3 failed, 1 passed"],
    ["cargo-test", "1 failed, 1 passed"],
    ["coverage-vitest", "1 passed"],
    ["coverage-pytest", "1 passed"],
  ])("of %s are %s", async (name, counts) => {
    expect(said(await recordedLog(name))).toBe(counts);
  });

  test.each(["tsc", "biome", "eslint-stylish", "cargo-build"])(
    "of %s are absent, for nothing was tested",
    async (name) => {
      expect(testCounts(await recordedLog(name))).toBeUndefined();
    },
  );

  test("are summed over the packages of one log", () => {
    expect(said("      Tests  214 passed (214)\n      Tests  3 failed | 7 passed (10)\n")).toBe("3 failed, 221 passed");
    expect(said("ok  \texample.com/a\t0.1s\n--- PASS: TestA (0.00s)\n")).toBe("1 passed");
    expect(testCounts("# tests 2\n# pass 0\n# fail 2\n")).toEqual({ passed: 0, failed: 2 });
    expect(said("# tests 2\n# pass 0\n# fail 2\n")).toBe("2 failed");
  });
});
