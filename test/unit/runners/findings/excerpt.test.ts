/** The part of a log that shows the cause. */
import { describe, expect, test } from "vitest";
import { excerptOf, MAX_EXCERPT_CHARACTERS, MAX_EXCERPT_LINES } from "../../../../runners/findings/excerpt.ts";
import { recordedLog } from "../../../support/findings-fixture.ts";

const noise = (count: number, text = "building") => Array.from({ length: count }, (_, n) => `${text} ${n}`);

describe("an excerpt", () => {
  test("starts at the first finding, with what stands right above it", () => {
    const log = [...noise(500), "$ tsc -p .", "src/a.ts(1,1): error TS1: wrong", ...noise(500)].join("\n");
    const lines = excerptOf(log).split("\n");
    expect(lines.slice(0, 3)).toEqual(["building 499", "$ tsc -p .", "src/a.ts(1,1): error TS1: wrong"]);
    expect(lines).toHaveLength(MAX_EXCERPT_LINES);
  });

  test("starts at the first line of trouble where no tool is known", () => {
    const passed = ["✓ reports an error", "ok 3 - fails closed", "0 errors, 0 failed", "PASS errors.test.js"];
    const log = [...passed, ...noise(100), "ld: fatal: cannot open libx", "make: *** [all] Error 1"].join("\n");
    expect(excerptOf(log)).toBe("building 98\nbuilding 99\nld: fatal: cannot open libx\nmake: *** [all] Error 1");
  });

  test("is the end of a log that says nothing of trouble", () => {
    expect(excerptOf([...noise(100), "", "", ""].join("\n")).split("\n")).toEqual(noise(100).slice(-MAX_EXCERPT_LINES));
  });

  test("leaves out escapes, frames of other people's code and repeated empty lines", async () => {
    const excerpt = excerptOf(await recordedLog("node-spec"));
    expect(excerpt).toContain("at TestContext.<anonymous> (file:///checkout/node-tests/cart.test.mjs:6:12)");
    expect(excerpt).not.toMatch(/\(node:internal|\n\n\n/);
    expect(excerptOf(await recordedLog("vitest"))).not.toContain("\u001b");
  });

  test("of coverage shows the figure, not what passing tests printed", async () => {
    const excerpt = excerptOf(await recordedLog("coverage-vitest"));
    expect(excerpt).toContain("ERROR: Coverage for lines (50%) does not meet global threshold (85%)");
    expect(excerpt).not.toContain("printed by a passing test");
  });

  test("is bounded in characters too", () => {
    const wide = Array.from({ length: 60 }, (_, n) => `error ${n} ${"x".repeat(900)}`).join("\n");
    expect(excerptOf(wide)).toHaveLength(MAX_EXCERPT_CHARACTERS);
    expect(excerptOf(wide)).toMatch(/^error 0 /);
    const quiet = Array.from({ length: 60 }, (_, n) => `${"x".repeat(900)} ${n}`).join("\n");
    expect(excerptOf(quiet)).toHaveLength(MAX_EXCERPT_CHARACTERS);
    expect(excerptOf(quiet)).toMatch(/ 59$/);
  });

  test("of nothing is nothing", () => {
    expect(excerptOf("")).toBe("");
  });
});
