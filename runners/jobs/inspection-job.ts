/** Looks at what a branch changed of its own gates' inputs and of its tests, without running anything of it. */
import type { Sha } from "../../src/domain/ids.ts";
import type { InspectionJob, InspectionResult } from "../../src/protocol/jobs.ts";
import { type Inspected, integrityChanges, needsContent } from "./integrity.ts";
import type { JobDeps } from "./job-deps.ts";
import { sentenceOf, throwIfStopped, unlessStopped } from "./job-end.ts";
import type { ExecuteJob, RunContext } from "./run-context.ts";

function failed({ log }: RunContext<InspectionJob>, summary: string): InspectionResult {
  log(`${summary}\n`);
  return { kind: "inspection", outcome: "error", summary, integrity: [] };
}

async function inspect({ workspaces }: JobDeps, context: RunContext<InspectionJob>): Promise<InspectionResult> {
  const { job, signal } = context;
  const workspace = await workspaces.open(job.repository, job.cloneUrl);
  await unlessStopped(signal, workspace.fetch([job.sha, job.base], signal));
  const mergeBase = await workspace.mergeBase(job.base, job.sha);
  if (!mergeBase) return failed(context, "the branch has no commit in common with its base");
  const files = await workspace.changedFiles(mergeBase, job.sha);
  const inspected: Inspected[] = [];
  for (const file of files) {
    const read = async (commit: Sha, path: string, isThere: boolean) =>
      isThere && needsContent(file) ? workspace.readFile(commit, path) : undefined;
    const before = await read(mergeBase, file.previousPath ?? file.path, file.status !== "added");
    const after = await read(job.sha, file.path, file.status !== "deleted");
    inspected.push({ ...file, before, after });
  }
  return { kind: "inspection", outcome: "inspected", summary: "", integrity: [...integrityChanges(inspected)] };
}

/** Makes the executor of inspection jobs. */
export function createInspectionExecutor(deps: JobDeps): ExecuteJob<InspectionJob, InspectionResult> {
  return async (context) => {
    try {
      return await inspect(deps, context);
    } catch (error) {
      throwIfStopped(context.signal);
      return failed(context, sentenceOf(error));
    }
  };
}
