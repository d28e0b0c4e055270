/** A gate: a mechanical check that decides whether work is done. Defined in the repository, never by the agent. */
import { z } from "zod";

/** Coverage a gate demands, read from an lcov report that its command writes. */
export const CoverageRule = z.object({
  /** Path of the lcov report below the checkout. */
  report: z.string().min(1),
  /** Percent of all lines. */
  minimum: z.number().min(0).max(100).optional(),
  /** Percent of the lines the branch changed. */
  changedLines: z.number().min(0).max(100).optional(),
});
export type CoverageRule = z.infer<typeof CoverageRule>;

/** Gate names are commit-status contexts, `steward/<name>`. */
export const GateName = z.string().regex(/^[A-Za-z0-9][\w.-]{0,63}$/);

export const Gate = z.object({
  name: GateName,
  /** Shell commands, run in order in one sandbox; the first that fails ends the gate. */
  steps: z.array(z.string().min(1)).min(1),
  env: z.record(z.string(), z.string()),
  timeoutMinutes: z.number().positive(),
  /** Labels a runner must have. */
  runsOn: z.array(z.string()),
  coverage: CoverageRule.optional(),
});
export type Gate = z.infer<typeof Gate>;

/** What is installed once per lockfile before gates and sessions; only it may reach `runner.egress`. */
export const Setup = z.object({
  run: z.string().min(1),
  /** Files whose content decides whether an earlier result can be reused. */
  cache: z.array(z.string().min(1)),
  timeoutMinutes: z.number().positive(),
});
export type Setup = z.infer<typeof Setup>;

/** Where a repository says what its gates are, on its default branch; the first that exists counts. */
export const RULES_PATHS: readonly string[] = [".gitea/steward.yml", ".forgejo/steward.yml"];

/** What a repository asks of Steward. */
export const RepositoryRules = z.object({
  gates: z.array(Gate),
  setup: Setup.optional(),
  /** `withhold` parks a green verdict when the branch changed what its gates run; `report` only says so. */
  integrity: z.enum(["withhold", "report"]),
  /** Where the gates come from, for people: the file's path, or what they were detected from. */
  source: z.string(),
});
export type RepositoryRules = z.infer<typeof RepositoryRules>;

/** The verdict's commit-status context. */
export const VERDICT_CONTEXT = "steward/verdict";

/** The commit-status context of a gate. */
export function gateContext(name: string): string {
  return `steward/${name}`;
}
