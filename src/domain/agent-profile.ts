/** A kind of agent that can be chosen. Configured under `agents` in the instance's steward.yml. */
import { z } from "zod";
import { Difficulty } from "./difficulty.ts";

/** Dollars per million tokens; all 0 means self-hosted or flat-rate. */
export const Price = z.strictObject({
  input: z.number().nonnegative(),
  cached: z.number().nonnegative().optional(),
  output: z.number().nonnegative(),
});
export type Price = z.infer<typeof Price>;

const common = {
  /** Tokens of context the agent has. */
  context: z.number().int().positive(),
  /** The hardest work it is trusted with. */
  difficulty: Difficulty,
  price: Price.default({ input: 0, cached: 0, output: 0 }),
  /** Sessions at once. */
  slots: z.number().int().positive().default(1),
};

/** A command-line program run in a sandbox on a runner; exit code 0 is the claim. */
export const CommandAgent = z.strictObject({
  driver: z.literal("command"),
  /** Shell command; the prompt is on stdin and in `$STEWARD_PROMPT_FILE`. */
  run: z.string().min(1),
  /** What the gateway asks the endpoint for. */
  model: z.string().min(1).optional(),
  /** A name under `endpoints`; none: no network at all. */
  endpoint: z.string().min(1).optional(),
  ...common,
});

/** Another Gitea account: a person, a hosted agent or a bot. */
export const ExternalAgent = z.strictObject({
  driver: z.literal("external"),
  /** The account that is assigned and mentioned. */
  user: z.string().min(1),
  ...common,
});

export const AgentProfile = z.discriminatedUnion("driver", [CommandAgent, ExternalAgent]);
export type AgentProfile = z.infer<typeof AgentProfile>;

/** The catalogue: profiles by name. */
export type AgentProfiles = Readonly<Record<string, AgentProfile>>;
