/** The choice of an agent. */
import { describe, expect, it } from "vitest";
import { chooseAgent } from "../../../src/assignment/choose-agent.ts";
import { DEFAULT_PROFILES } from "../../../src/assignment/default-profiles.ts";
import { AgentProfile, type AgentProfiles } from "../../../src/domain/agent-profile.ts";
import type { Difficulty } from "../../../src/domain/difficulty.ts";

const profiles = DEFAULT_PROFILES;

function choose(tokens: number, difficulty: Difficulty, more: { wanted?: string; atLeast?: string } = {}) {
  return chooseAgent({ estimate: { tokens, difficulty }, profiles, ...more });
}

function reasons(choice: ReturnType<typeof chooseAgent>): Readonly<Record<string, string>> {
  return Object.fromEntries(choice.candidates.map((candidate) => [candidate.profile, candidate.reason]));
}

describe("chooseAgent with the default catalogue", () => {
  it.each([
    ["low", 1, "minimax"],
    ["low", 64_000, "minimax"],
    ["low", 64_001, "haiku"],
    ["low", 100_000, "haiku"],
    ["low", 100_001, undefined],
    ["medium", 64_000, "glm"],
    ["medium", 64_001, "sonnet"],
    ["medium", 100_000, "sonnet"],
    ["medium", 100_001, undefined],
    ["high", 1, "opus"],
    ["high", 100_000, "opus"],
    ["high", 100_001, undefined],
  ] as const)("gives %s work of %i tokens to %s", (difficulty, tokens, chosen) => {
    expect(choose(tokens, difficulty).chosen).toBe(chosen);
  });

  it("lists every profile, cheapest first, with why it lost", () => {
    const choice = choose(70_000, "medium");
    expect(choice.candidates.map(({ profile, reason }) => [profile, reason])).toEqual([
      ["minimax", "context too small"],
      ["glm", "context too small"],
      ["haiku", "not able"],
      ["sonnet", "chosen"],
      ["opus", "dearer"],
    ]);
    expect(choice.candidates[3]).toEqual({
      profile: "sonnet",
      contextLimit: 200_000,
      contextNeeded: 140_000,
      fits: true,
      ability: "medium",
      able: true,
      expectedDollars: expect.closeTo(0.7035, 4),
      reason: "chosen",
    });
  });

  it("does not call an agent dearer that costs the same", () => {
    expect(reasons(choose(30_000, "low"))).toEqual({
      minimax: "chosen",
      glm: "as cheap, kept for harder work",
      haiku: "dearer",
      sonnet: "dearer",
      opus: "dearer",
    });
    const [[, twin] = []] = Object.entries(profiles).filter(([name]) => name === "minimax");
    const twins = twin ? { ...profiles, twin } : {};
    const choice = chooseAgent({ estimate: { tokens: 1, difficulty: "low" }, profiles: twins });
    expect(reasons(choice)).toMatchObject({ minimax: "chosen", twin: "as cheap" });
  });

  it("expects nothing to be paid for self-hosted agents", () => {
    const free = choose(30_000, "low").candidates.filter((candidate) => candidate.expectedDollars === 0);
    expect(free.map((candidate) => candidate.profile)).toEqual(["minimax", "glm"]);
  });
});

describe("chooseAgent with a wanted profile", () => {
  it("takes it although it is dearer", () => {
    const choice = choose(30_000, "low", { wanted: "opus" });
    expect(choice.chosen).toBe("opus");
    expect(choice.wantedProblem).toBeUndefined();
    expect(reasons(choice)).toEqual({
      glm: "not wanted",
      minimax: "not wanted",
      haiku: "not wanted",
      sonnet: "not wanted",
      opus: "chosen",
    });
  });

  it("takes it although it is not trusted with the difficulty, because a person decided", () => {
    expect(choose(30_000, "high", { wanted: "HAIKU" }).chosen).toBe("haiku");
  });

  it("passes over one whose context is too small, and says so with figures", () => {
    const choice = choose(70_000, "medium", { wanted: "glm" });
    expect(choice.chosen).toBe("sonnet");
    expect(choice.wantedProblem).toBe("`glm` is asked for, but has 128,000 tokens of context, and this needs 140,000.");
  });

  it("passes over one that does not exist, and names the nearest", () => {
    const choice = choose(30_000, "high", { wanted: "sonet" });
    expect(choice.chosen).toBe("opus");
    expect(choice.wantedProblem).toBe(
      "`sonet` is asked for, but there is no such agent profile; the nearest is `sonnet`.",
    );
  });

  it.each(["__proto__", "constructor", "`@everyone`"])("is not fooled by the name %s", (wanted) => {
    expect(choose(30_000, "high", { wanted }).chosen).toBe("opus");
  });
});

describe("chooseAgent after rejections", () => {
  it.each([
    ["minimax", "low", "glm"],
    ["haiku", "low", "glm"],
    ["glm", "medium", "sonnet"],
    ["sonnet", "medium", "opus"],
    ["opus", "high", undefined],
  ] as const)("steps up from %s", (atLeast, difficulty, chosen) => {
    const choice = choose(30_000, difficulty, { atLeast });
    expect(choice.chosen).toBe(chosen);
    expect(reasons(choice)[atLeast]).toBe("weaker");
  });

  it("gives up a wish that is not stronger than what failed", () => {
    const choice = choose(30_000, "medium", { wanted: "sonnet", atLeast: "sonnet" });
    expect(choice.chosen).toBe("opus");
    expect(choice.wantedProblem).toBe("`sonnet` is asked for, but is not stronger than `sonnet`.");
  });

  it("keeps a wish that is stronger", () => {
    expect(choose(30_000, "low", { wanted: "opus", atLeast: "minimax" }).chosen).toBe("opus");
  });

  it("chooses among all when the profile that failed is not in the catalogue any more", () => {
    expect(choose(30_000, "medium", { atLeast: "gone" }).chosen).toBe("glm");
  });
});

describe("chooseAgent with other catalogues", () => {
  const external = (difficulty: Difficulty) =>
    AgentProfile.parse({ driver: "external", user: "ada", context: 200_000, difficulty });

  it("breaks ties by the catalogue's order", () => {
    const tied: AgentProfiles = { zoe: external("medium"), ada: external("high") };
    const estimate = { tokens: 10, difficulty: "low" } as const;
    expect(chooseAgent({ estimate, profiles: tied }).chosen).toBe("zoe");
  });

  it("chooses nobody from an empty one", () => {
    const estimate = { tokens: 10, difficulty: "low" } as const;
    expect(chooseAgent({ estimate, profiles: {} })).toEqual({ candidates: [] });
    const { wantedProblem } = chooseAgent({ estimate, profiles: {}, wanted: "x" });
    expect(wantedProblem).toBe("`x` is asked for, but there is no such agent profile.");
  });
});
