/** What tests of jobs share: the workspace bench, kept results in memory, and contexts with a log that can be read. */
import { randomBytes } from "node:crypto";
import type { JobDeps } from "../../runners/jobs/job-deps.ts";
import type { RunContext, StopReason } from "../../runners/jobs/run-context.ts";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import { RunId, TaskId } from "../../src/domain/ids.ts";
import { GateResult } from "../../src/domain/verdict.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { GateJob, InspectionJob, Job, SessionJob } from "../../src/protocol/jobs.ts";
import type { Files } from "./git-server.ts";
import { openWorkspaceBench, REPOSITORY, type WorkspaceBench } from "./workspace-bench.ts";

/** A context together with the ways to look into it and to end it. */
export interface TestContext<J extends Job> {
  readonly context: RunContext<J>;
  /** Everything that was logged. */
  log(): string;
  /** Resolves when the log contains this. */
  logged(text: string): Promise<void>;
  stop(reason: StopReason): void;
  /** From now on another run is the current one. */
  supersede(): void;
}

/** The bench. */
export interface JobBench extends WorkspaceBench {
  readonly deps: JobDeps;
  readonly kept: Map<string, GateResult>;
  contextOf<J extends Job>(job: J): TestContext<J>;
}

/** Opens it with these files on `main`. */
export async function openJobBench(files: Files, createSandbox?: () => Promise<SandboxDriver>): Promise<JobBench> {
  const bench = await openWorkspaceBench(files, createSandbox);
  const kept = new Map<string, GateResult>();
  const { workspaces, sandbox, config } = bench;
  const results = {
    read: async (key: string) => kept.get(key),
    keep: async (key: string, result: GateResult) => void kept.set(key, GateResult.parse(result)),
  };
  return { ...bench, kept, deps: { workspaces, sandbox, config, clock: systemClock, results }, contextOf };
}

function contextOf<J extends Job>(job: J): TestContext<J> {
  const stopper = new AbortController();
  let log = "";
  let isCurrent = true;
  const waiting = new Set<() => void>();
  const context: RunContext<J> = {
    job,
    signal: stopper.signal,
    log: (chunk) => {
      log += chunk.toString();
      for (const look of waiting) look();
    },
    isCurrent: async () => isCurrent,
  };
  return {
    context,
    log: () => log,
    logged: (text) =>
      new Promise((resolve) => {
        const look = () => {
          if (!log.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    stop: (reason) => stopper.abort(reason),
    supersede: () => {
      isCurrent = false;
    },
  };
}

function common({ server }: Pick<JobBench, "server">) {
  return {
    run: RunId.parse(randomBytes(16).toString("hex")),
    task: TaskId.parse("acme/widgets#42"),
    repository: REPOSITORY,
    cloneUrl: server.cloneUrl,
    runsOn: [],
  };
}

/** A gate job with one step. */
export function gateJob(
  bench: Pick<JobBench, "server">,
  job: Pick<GateJob, "sha" | "base"> & Partial<GateJob>,
  gate: Partial<GateJob["gate"]> = {},
): GateJob {
  const base = { name: "test", steps: ["true"], env: {}, timeoutMinutes: 1, runsOn: [] };
  return { kind: "gate", ...common(bench), gate: { ...base, ...gate }, fresh: false, ...job };
}

/** A session job that runs a shell script as its agent. */
export function sessionJob(
  bench: Pick<JobBench, "server">,
  job: Pick<SessionJob, "base" | "command" | "branch"> & Partial<SessionJob>,
): SessionJob {
  return {
    kind: "session",
    ...common(bench),
    profile: "sonnet",
    prompt: "Please do the work.\n",
    attempt: 1,
    commitTitle: "Do the work (42)",
    turnMinutes: 1,
    sessionMinutes: 2,
    ...job,
  };
}

/** An inspection job. */
export function inspectionJob(
  bench: Pick<JobBench, "server">,
  job: Pick<InspectionJob, "sha" | "base">,
): InspectionJob {
  return { kind: "inspection", ...common(bench), ...job };
}
