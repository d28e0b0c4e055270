/** A verification under way: all gates of one commit as jobs, and the look at what its branch changed. */
import { z } from "zod";
import { Gate, Setup } from "./gate.ts";
import { RunId, Sha } from "./ids.ts";
import { GateResult, IntegrityChange } from "./verdict.ts";

/** One job of a verification and how often it was started; more than one try means that we failed before. */
export const GateRun = z.object({
  gate: Gate,
  run: RunId,
  tries: z.number().int().positive(),
  result: GateResult.optional(),
});
export type GateRun = z.infer<typeof GateRun>;

/** The look at what the branch changed; without a result while it is under way. */
export const InspectionRun = z.object({
  run: RunId,
  tries: z.number().int().positive(),
  result: z.array(IntegrityChange).optional(),
});
export type InspectionRun = z.infer<typeof InspectionRun>;

/** All gates of one commit under way. The gates are fixed when it starts. */
export const Verification = z.object({
  sha: Sha,
  base: Sha,
  gates: z.array(GateRun),
  setup: Setup.optional(),
  integrity: z.enum(["withhold", "report"]),
  inspection: InspectionRun,
  /** True: earlier results of the same tree are not used. */
  fresh: z.boolean(),
  /** The only gate for which that holds; absent: it holds for all. */
  freshGate: z.string().optional(),
  /** Milliseconds since 1970. */
  startedAt: z.number().int().nonnegative(),
});
export type Verification = z.infer<typeof Verification>;
