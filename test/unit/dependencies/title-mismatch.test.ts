/** Numbers and titles that disagree. */
import { describe, expect, it } from "vitest";
import { titleDisagrees } from "../../../src/dependencies/title-mismatch.ts";

describe("titleDisagrees", () => {
  it.each([
    ["COORD-010", "[COORD-010] Orchestration loop", false],
    ["coord-010", "[COORD-010] Orchestration loop", false],
    ["COORD-010", "[COORD-001] Webhook receiver", true],
    ["COORD-010", "Webhook receiver", true],
    ["COORD-01", "[COORD-010] Loop", true],
    ["Retry uploads", "Retry of failed uploads", false],
    ["Retry uploads", "Show a progress bar", true],
    ["…", "Anything", false],
    ["", "Anything", false],
    ["Résumé läuft", "resume", true],
    ["Résumé läuft", "Es läuft", false],
  ])("%j beside an issue titled %j: %s", (expected, title, disagrees) => {
    expect(titleDisagrees(expected, title)).toBe(disagrees);
  });
});
