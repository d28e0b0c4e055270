/**
 * The contract between bot and runners: what a job asks and what its result says.
 *
 * A job carries names, hashes and texts, never a token or a key: a runner has its own from its own environment.
 * Every job has a random run id; results, logs and pushes carry it and are refused when the run is not the current one.
 */
import { z } from "zod";
import { Gate, Setup } from "../domain/gate.ts";
import { RepositoryName, RunId, Sha, TaskId } from "../domain/ids.ts";
import { SessionOutcome } from "../domain/session-outcome.ts";
import { Usage } from "../domain/usage.ts";
import { GateResult, IntegrityChange } from "../domain/verdict.ts";

/** Raised when either side would misread the other: bot and runners are brought up to date together. A runner's status says its own. */
export const PROTOCOL_VERSION = 1;

const jobCommon = {
  run: RunId,
  task: TaskId,
  repository: RepositoryName,
  /** Where to fetch from and push to, without credentials. */
  cloneUrl: z.url(),
  /** Labels a runner must have. */
  runsOn: z.array(z.string()),
};

/** Let an agent work on the task's branch in a sandbox, commit what it leaves and push it. */
export const SessionJob = z.object({
  kind: z.literal("session"),
  ...jobCommon,
  branch: z.string().min(1),
  /** The branch's head to start from and to push onto; absent: the branch does not exist yet. */
  branchHead: Sha.optional(),
  /** The default branch's head: what a new branch starts from. */
  base: Sha,
  /** Name of the profile, for logs and trailers. */
  profile: z.string(),
  /** Shell command of the profile. */
  command: z.string().min(1),
  model: z.string().optional(),
  /** Name of the model endpoint the gateway forwards to; absent: no gateway, no network. */
  endpoint: z.string().optional(),
  prompt: z.string(),
  /** As its prompt says it: counted anew when a person says `/retry`. */
  attempt: z.number().int().positive(),
  /** First line of the commit that the runner makes. */
  commitTitle: z.string().min(1),
  setup: Setup.optional(),
  turnMinutes: z.number().positive(),
  sessionMinutes: z.number().positive(),
});
export type SessionJob = z.infer<typeof SessionJob>;

/** Run one gate on one commit. */
export const GateJob = z.object({
  kind: z.literal("gate"),
  ...jobCommon,
  sha: Sha,
  /** The default branch's head; the merge base with `sha` is found on the runner. */
  base: Sha,
  gate: Gate,
  setup: Setup.optional(),
  /** True: an earlier result of the same tree is not used (`/retest`). */
  fresh: z.boolean(),
});
export type GateJob = z.infer<typeof GateJob>;

/** Look at what a branch changed, without running anything of it. */
export const InspectionJob = z.object({
  kind: z.literal("inspection"),
  ...jobCommon,
  sha: Sha,
  base: Sha,
});
export type InspectionJob = z.infer<typeof InspectionJob>;

/** What a runner can be asked to do. */
export const Job = z.discriminatedUnion("kind", [SessionJob, GateJob, InspectionJob]);
export type Job = z.infer<typeof Job>;

/** How a session ended and what it left. */
export const SessionResult = z.object({
  kind: z.literal("session"),
  outcome: SessionOutcome,
  /** One sentence for people: exit code, limit, or what failed. Empty where there is nothing to add to a claim. */
  summary: z.string(),
  /** True when the session left a tree other than the one it started from (and the commit was pushed). */
  changed: z.boolean(),
  /** The branch's head afterwards; absent when there is no branch. */
  head: Sha.optional(),
  /** Absent: the profile has no endpoint, so nothing was measured. */
  usage: Usage.optional(),
  /** What the gateway refused, as `METHOD /path` or a host, each once. */
  refused: z.array(z.string()),
  durationMs: z.number().nonnegative(),
});
export type SessionResult = z.infer<typeof SessionResult>;

/** What a gate found. */
export const GateJobResult = z.object({ kind: z.literal("gate"), result: GateResult });
export type GateJobResult = z.infer<typeof GateJobResult>;

/** What the look at a branch found. */
export const InspectionResult = z.object({
  kind: z.literal("inspection"),
  outcome: z.enum(["inspected", "error"]),
  /** Why it could not be inspected; empty otherwise. */
  summary: z.string(),
  integrity: z.array(IntegrityChange),
});
export type InspectionResult = z.infer<typeof InspectionResult>;

/** What a runner reports. */
export const JobResult = z.discriminatedUnion("kind", [SessionResult, GateJobResult, InspectionResult]);
export type JobResult = z.infer<typeof JobResult>;
