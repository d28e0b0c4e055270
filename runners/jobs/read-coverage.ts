/** Reads the coverage report that a gate's command wrote. */
import type { CoverageRule } from "../../src/domain/gate.ts";
import type { CoverageFound } from "../../src/domain/verdict.ts";
import type { SandboxDriver } from "../sandbox/sandbox.ts";
import { runInSandbox, STEP_LIMITS } from "../sandbox/sandbox-step.ts";
import type { View } from "../sandbox/view.ts";
import type { ChangedFile } from "../workspace/workspace.ts";
import { measureCoverage, readLcov } from "./coverage.ts";

/** The report of a very large repository; a longer one is no report. */
const LIMIT_BYTES = 15 * 1024 * 1024;

/** A report that is a pipe would be waited for. */
const TIMEOUT_MS = 20_000;

/** Where the report is, and what it is about. */
export interface CoverageRequest {
  readonly rule: CoverageRule;
  readonly view: View;
  readonly sandbox: SandboxDriver;
  readonly changed: readonly ChangedFile[] | undefined;
  readonly signal: AbortSignal;
}

/** Read inside the sandbox, where a link or a device leads to nothing of the host. Absent: there is no report. */
export async function readCoverage(request: CoverageRequest): Promise<CoverageFound | undefined> {
  const { rule, view, sandbox, changed, signal } = request;
  const { exitCode, output } = await runInSandbox(sandbox, {
    view,
    argv: ["head", "-c", `${LIMIT_BYTES}`, "--", rule.report],
    limits: { ...STEP_LIMITS, timeoutMs: TIMEOUT_MS },
    signal,
  });
  const hits = exitCode === 0 ? readLcov(output, sandbox.workFolder(view)) : new Map();
  if (hits.size === 0) return undefined;
  const lines = changed?.map(({ path, changedLines }) => ({ file: path, lines: [...changedLines] }));
  return measureCoverage(hits, lines);
}
