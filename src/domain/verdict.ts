/** What gates found on one commit, and the verdict that follows. A failure of ours is never a failure of the work. */
import { z } from "zod";
import { RunId, Sha } from "./ids.ts";

/** One message of a tool, with the place it names. */
export const Finding = z.object({
  file: z.string().optional(),
  line: z.number().int().positive().optional(),
  message: z.string(),
});
export type Finding = z.infer<typeof Finding>;

/** Lines of one file, ascending; neighbours are joined to ranges for people only. */
export const FileLines = z.object({ file: z.string(), lines: z.array(z.number().int().positive()) });
export type FileLines = z.infer<typeof FileLines>;

/** What a coverage gate measured, in percent of lines. */
export const CoverageFound = z.object({
  percent: z.number(),
  changedPercent: z.number().optional(),
  uncoveredChanged: z.array(FileLines),
});
export type CoverageFound = z.infer<typeof CoverageFound>;

/** `error` is a failure of ours (runner lost, no disk, set-up refused): it says nothing about the work. */
export const GateOutcome = z.enum(["passed", "failed", "error"]);
export type GateOutcome = z.infer<typeof GateOutcome>;

/** What one gate found on one commit. */
export const GateResult = z.object({
  gate: z.string(),
  outcome: GateOutcome,
  /** One line for the commit status: `214 passed`, `coverage 83.1 %, needs 85 %`, `exit code 2`. */
  summary: z.string(),
  /** The command that failed, to reproduce; for a passed gate the last one. */
  command: z.string(),
  findings: z.array(Finding),
  /** The shortest part of the log that shows the cause, masked; empty when passed. */
  excerpt: z.string(),
  coverage: CoverageFound.optional(),
  durationMs: z.number().nonnegative(),
  /** True when an earlier result of the same tree was used and nothing ran. */
  reused: z.boolean(),
  /** Whose log shows it. */
  run: RunId,
  /** Hosts that set-up asked for and the egress proxy refused. */
  refusedHosts: z.array(z.string()),
});
export type GateResult = z.infer<typeof GateResult>;

/** Something the branch changed that decides what its own gates run, or a test it took away; or that nobody could look. */
export const IntegrityChange = z.object({
  kind: z.enum(["gate-input", "test-deleted", "test-emptied", "test-skipped", "not-inspected"]),
  file: z.string(),
  detail: z.string(),
});
export type IntegrityChange = z.infer<typeof IntegrityChange>;

/** `withheld`: all gates passed, and a person must look at what the branch changed. `failed`: we failed. */
export const VerdictOutcome = z.enum(["accepted", "rejected", "withheld", "failed"]);
export type VerdictOutcome = z.infer<typeof VerdictOutcome>;

export const Verdict = z.object({
  sha: Sha,
  outcome: VerdictOutcome,
  results: z.array(GateResult),
  integrity: z.array(IntegrityChange),
});
export type Verdict = z.infer<typeof Verdict>;
