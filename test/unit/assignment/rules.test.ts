/** The rules a choice is made of: the 50 % rule, expected cost, strength. */
import { describe, expect, it } from "vitest";
import { DEFAULT_PROFILES } from "../../../src/assignment/default-profiles.ts";
import { expectedDollars, expectedUsage } from "../../../src/assignment/expected-cost.ts";
import { fitsContext } from "../../../src/assignment/fits-context.ts";
import { isStronger } from "../../../src/assignment/is-stronger.ts";
import { AgentProfile } from "../../../src/domain/agent-profile.ts";

describe("the 50 % rule", () => {
  it.each([
    [100_000, 200_000, true],
    [100_001, 200_000, false],
    [80_000, 200_000, true],
    [120_000, 200_000, false],
    [64_000, 128_000, true],
    [64_350, 128_000, false],
  ])("%i tokens in a context of %i: %s", (tokens, context, fits) => {
    expect(fitsContext(tokens, context)).toBe(fits);
  });
});

describe("expected cost", () => {
  it("accounts for every token of the context once, as input or as output", () => {
    const usage = expectedUsage(42_900);
    expect(usage.inputTokens + usage.outputTokens).toBe(42_900);
    expect(usage.cachedTokens).toBeGreaterThan(42_900);
  });

  it("grows with the estimate and with each price", () => {
    const price = { input: 3, cached: 0.3, output: 15 };
    const dollars = expectedDollars(50_000, price);
    expect(expectedDollars(100_000, price)).toBeCloseTo(2 * dollars);
    expect(expectedDollars(50_000, { ...price, input: 4 })).toBeGreaterThan(dollars);
    expect(expectedDollars(50_000, { ...price, cached: 0.4 })).toBeGreaterThan(dollars);
    expect(expectedDollars(50_000, { ...price, output: 16 })).toBeGreaterThan(dollars);
    expect(expectedDollars(50_000, { input: 0, output: 0 })).toBe(0);
  });
});

describe("strength", () => {
  it("orders the default catalogue without ties or circles", () => {
    const names = Object.keys(DEFAULT_PROFILES);
    const stronger = (a: string, b: string) => {
      const [one, other] = [DEFAULT_PROFILES[a], DEFAULT_PROFILES[b]];
      return one !== undefined && other !== undefined && isStronger(one, other);
    };
    const order = names.toSorted((a, b) => (stronger(a, b) ? 1 : -1));
    expect(order).toEqual(["minimax", "haiku", "glm", "sonnet", "opus"]);
    for (const name of names) expect(stronger(name, name)).toBe(false);
  });
});

describe("the default catalogue", () => {
  it.each(Object.entries(DEFAULT_PROFILES))("has a valid profile %s", (_name, profile) => {
    expect(AgentProfile.parse(profile)).toEqual(profile);
  });
});
