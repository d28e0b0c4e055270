/** Types of the one function used from @bcoe/v8-coverage, which ships none. */
declare module "@bcoe/v8-coverage" {
  import type { Profiler } from "node:inspector";

  /** One process's V8 coverage. */
  export interface ProcessCov {
    readonly result: readonly Profiler.ScriptCoverage[];
  }

  /** Adds up the counts of several processes, range by range. */
  export function mergeProcessCovs(processes: readonly ProcessCov[]): ProcessCov;
}
