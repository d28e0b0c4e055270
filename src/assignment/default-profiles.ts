/** The catalogue of an instance whose steward.yml has no `agents`; all of it is configuration. */
import type { AgentProfiles } from "../domain/agent-profile.ts";

/** Name of the endpoint that self-hosted and flat-rate models are reached by; the operator gives its address. */
const SELF_HOSTED_ENDPOINT = "self-hosted";
const ANTHROPIC_ENDPOINT = "anthropic";

/** The sandbox is what forbids; an agent that asks for permission in it would wait for nobody. */
const RUN = "claude -p --permission-mode bypassPermissions";

const LARGE_CONTEXT = 200_000;
const SMALL_CONTEXT = 128_000;
const FREE = { input: 0, cached: 0, output: 0 };

/** Strongest first. Prices are Anthropic's list prices of these models; reading from the cache is a tenth of input. */
export const DEFAULT_PROFILES: AgentProfiles = {
  opus: {
    driver: "command",
    run: RUN,
    model: "claude-opus-4-5",
    endpoint: ANTHROPIC_ENDPOINT,
    context: LARGE_CONTEXT,
    difficulty: "high",
    price: { input: 5, cached: 0.5, output: 25 },
    slots: 1,
  },
  sonnet: {
    driver: "command",
    run: RUN,
    model: "claude-sonnet-4-5",
    endpoint: ANTHROPIC_ENDPOINT,
    context: LARGE_CONTEXT,
    difficulty: "medium",
    price: { input: 3, cached: 0.3, output: 15 },
    slots: 2,
  },
  haiku: {
    driver: "command",
    run: RUN,
    model: "claude-haiku-4-5",
    endpoint: ANTHROPIC_ENDPOINT,
    context: LARGE_CONTEXT,
    difficulty: "low",
    price: { input: 1, cached: 0.1, output: 5 },
    slots: 2,
  },
  glm: {
    driver: "command",
    run: RUN,
    model: "glm",
    endpoint: SELF_HOSTED_ENDPOINT,
    context: SMALL_CONTEXT,
    difficulty: "medium",
    price: FREE,
    slots: 1,
  },
  minimax: {
    driver: "command",
    run: RUN,
    model: "minimax",
    endpoint: SELF_HOSTED_ENDPOINT,
    context: SMALL_CONTEXT,
    difficulty: "low",
    price: FREE,
    slots: 1,
  },
};
