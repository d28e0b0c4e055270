/** Runs one gate on one commit: set-up, steps in order in one sandbox, coverage; or finds that it ran on this tree before. */
import { RetryableError } from "../../src/domain/errors.ts";
import type { Sha } from "../../src/domain/ids.ts";
import type { CoverageFound, GateResult } from "../../src/domain/verdict.ts";
import type { GateJob, GateJobResult } from "../../src/protocol/jobs.ts";
import { excerptOf } from "../findings/excerpt.ts";
import { readFindings } from "../findings/read-findings.ts";
import { sayCounts, testCounts } from "../findings/test-counts.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import type { View } from "../sandbox/view.ts";
import { runTool } from "../workspace/run-tool.ts";
import type { Layer, RepositoryWorkspace } from "../workspace/workspace.ts";
import { createBoundedLog } from "./bounded-log.ts";
import { coverageInWords, coverageShortfalls } from "./coverage.ts";
import type { JobDeps } from "./job-deps.ts";
import { endInWords, sentenceOf, throwIfStopped, unlessStopped } from "./job-end.ts";
import { readCoverage } from "./read-coverage.ts";
import { resultKey } from "./result-key.ts";
import type { ExecuteJob, RunContext } from "./run-context.ts";
import { ensureSetUp, type SetUpFailed } from "./set-up.ts";

const MINUTE_MS = 60_000;

/** Each step is a shell of its own that ends at its first failing command; the first step that fails ends the gate. */
const STEPS = `
for step do
  printf '$ %s\\n' "$step"
  sh -ec "$step" || exit $?
done
`;

/** What is known of a result before it is measured and signed. */
type Found = Pick<GateResult, "outcome" | "summary" | "command" | "findings" | "excerpt" | "refusedHosts"> &
  Partial<Pick<GateResult, "coverage">>;

/** The commit that is judged, and the one its branch began at. */
interface Judged {
  readonly workspace: RepositoryWorkspace;
  readonly mergeBase: Sha | undefined;
}

/** A step says its name before it begins, and begins only when the one before it succeeded. */
function lastStarted(steps: readonly string[], log: string): string {
  return steps.findLast((step) => `\n${log}`.includes(`\n$ ${step}\n`)) ?? steps[0] ?? "";
}

/** What the steps printed themselves. */
function withoutNames(steps: readonly string[], log: string): string {
  return steps.reduce((text, step) => text.replaceAll(`$ ${step}\n`, ""), log);
}

function errorOfOurs({ gate }: GateJob, summary: string, refusedHosts: readonly string[] = []): Found {
  return {
    outcome: "error",
    summary,
    command: gate.steps[0] ?? "",
    findings: [],
    excerpt: "",
    refusedHosts: [...refusedHosts],
  };
}

function failedSetUp(job: GateJob, failed: SetUpFailed): Found {
  const summary = `set-up failed: ${failed.reason}`;
  if (!failed.isTheBranchs) return errorOfOurs(job, `${summary} on the base's own files`, failed.refusedHosts);
  return {
    outcome: "failed",
    summary,
    command: job.setup?.run ?? "",
    findings: readFindings(failed.output, failed.workFolder),
    excerpt: excerptOf(failed.output),
    refusedHosts: [...failed.refusedHosts],
  };
}

/** What the steps' end and the coverage rule make of the gate. */
function judge(
  { gate }: GateJob,
  ended: { readonly result: SandboxResult; readonly words: string; readonly log: string; readonly workFolder: string },
  coverage: CoverageFound | "no report" | undefined,
): Omit<Found, "refusedHosts"> {
  const { result, words, workFolder } = ended;
  const command = lastStarted(gate.steps, ended.log);
  const log = withoutNames(gate.steps, ended.log);
  const counts = testCounts(log);
  const failed = {
    outcome: "failed" as const,
    command,
    findings: readFindings(log, workFolder),
    excerpt: excerptOf(log),
  };
  if (result.end !== "exit") return { ...failed, summary: words };
  if (result.exitCode !== 0) return { ...failed, summary: counts?.failed ? sayCounts(counts) : words };
  if (coverage === "no report") return { ...failed, summary: `no coverage report at ${gate.coverage?.report}` };
  const missing = coverage && gate.coverage ? coverageShortfalls(coverage, gate.coverage) : [];
  const measured = coverage ? { coverage } : {};
  if (missing.length > 0) return { ...failed, ...measured, findings: [], excerpt: "", summary: missing.join("; ") };
  const summary = [counts && sayCounts(counts), coverage && coverageInWords(coverage)]
    .filter((part) => part !== undefined)
    .join(", ");
  return { outcome: "passed", summary: summary || "passed", command, findings: [], excerpt: "", ...measured };
}

/** A gate that found no room for its files says nothing about the work. */
async function isFull(view: View): Promise<boolean> {
  const free = await runTool([...view.enter, "stat", "--file-system", "--format=%a %d", view.path]);
  return free.trim().split(" ").includes("0");
}

async function runSteps(
  deps: JobDeps,
  context: RunContext<GateJob>,
  view: View,
  judged: Judged,
): Promise<Omit<Found, "refusedHosts">> {
  const { sandbox, config } = deps;
  const { job, signal } = context;
  const kept = createBoundedLog(config);
  const limits = { ...config.limits, timeoutMs: job.gate.timeoutMinutes * MINUTE_MS };
  const result = await sandbox.run({
    ...{ view, limits, signal, readable: [], writable: [] },
    argv: ["sh", "-c", STEPS, "sh", ...job.gate.steps],
    env: { CI: "true", ...job.gate.env },
    onOutput: (chunk) => {
      kept.write(chunk);
      context.log(chunk);
    },
  });
  throwIfStopped(signal);
  if (result.exitCode !== 0 && (await isFull(view))) {
    throw new RetryableError("WORKSPACE_FAILED", "the view's disk was full: give the runner a larger disk limit");
  }
  const coverage = result.exitCode === 0 ? await coverageOf(deps, context, view, judged) : undefined;
  const ended = { result, words: endInWords(result, limits), log: kept.text(), workFolder: sandbox.workFolder(view) };
  return judge(job, ended, coverage);
}

async function coverageOf(
  { sandbox }: JobDeps,
  { job, signal }: RunContext<GateJob>,
  view: View,
  { workspace, mergeBase }: Judged,
): Promise<CoverageFound | "no report" | undefined> {
  const rule = job.gate.coverage;
  if (!rule) return undefined;
  const changed = mergeBase && (await workspace.changedFiles(mergeBase, job.sha));
  return (await readCoverage({ rule, view, sandbox, changed, signal })) ?? "no report";
}

async function verify(deps: JobDeps, context: RunContext<GateJob>, judged: Judged): Promise<Found> {
  const { job, signal } = context;
  const { workspace, mergeBase } = judged;
  const { setup, task, sha, base } = job;
  const log = (chunk: Buffer | string) => context.log(chunk);
  const prepared =
    setup && (await ensureSetUp(deps, { workspace, setup, commit: sha, base, mergeBase, task, signal, log }));
  if (prepared?.outcome === "failed") return failedSetUp(job, prepared);
  const below: readonly Layer[] = prepared ? [prepared.layer] : [];
  const view = await workspace.openView([...below, ...(await workspace.checkout(sha))], deps.sandbox.exposes);
  try {
    const found = await runSteps(deps, context, view, judged);
    return { ...found, refusedHosts: [...(prepared?.refusedHosts ?? [])] };
  } finally {
    await view.dispose();
  }
}

function signed({ gate, run }: GateJob, found: Found, durationMs: number): GateResult {
  return { gate: gate.name, ...found, durationMs, reused: false, run };
}

async function runOrReuse(deps: JobDeps, context: RunContext<GateJob>): Promise<GateResult> {
  const { workspaces, sandbox, results, clock } = deps;
  const { job, signal } = context;
  const start = clock.now();
  const workspace = await workspaces.open(job.repository, job.cloneUrl);
  await unlessStopped(signal, workspace.fetch([job.sha, job.base], signal));
  const mergeBase = await workspace.mergeBase(job.base, job.sha);
  const tree = await workspace.treeOf(job.sha);
  const key = resultKey({ tree, mergeBase, gate: job.gate, setup: job.setup, toolchain: sandbox.toolchain });
  const kept = job.fresh ? undefined : await results.read(key);
  if (kept) {
    context.log(`the result of run ${kept.run} on the same tree is used\n`);
    return { ...kept, reused: true };
  }
  const result = signed(job, await verify(deps, context, { workspace, mergeBase }), clock.now() - start);
  throwIfStopped(signal);
  if (result.outcome !== "error") await results.keep(key, result);
  return result;
}

/** Makes the executor of gate jobs. */
export function createGateExecutor(deps: JobDeps): ExecuteJob<GateJob, GateJobResult> {
  return async (context) => {
    const start = deps.clock.now();
    try {
      return { kind: "gate", result: await runOrReuse(deps, context) };
    } catch (error) {
      throwIfStopped(context.signal);
      const found = errorOfOurs(context.job, sentenceOf(error));
      context.log(`${found.summary}\n`);
      return { kind: "gate", result: signed(context.job, found, deps.clock.now() - start) };
    }
  };
}
