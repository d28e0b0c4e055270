/** What the executors of jobs work with. */
import type { Clock } from "../../src/lib/clock.ts";
import type { RunnerConfig } from "../runner-config.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";
import type { Workspaces } from "../workspace/workspace.ts";
import type { KeptResults } from "./kept-results.ts";

/** One set a runner; shared by all its jobs. */
export interface JobDeps {
  readonly workspaces: Workspaces;
  readonly sandbox: SandboxDriver;
  readonly config: RunnerConfig;
  readonly clock: Clock;
  readonly results: KeptResults;
}
