/** A short step of the runner's own in a sandbox, with its output as text. */
import type { SandboxCommand, SandboxDriver, SandboxLimits, SandboxResult } from "../sandbox/sandbox.ts";

const MEBIBYTE = 1024 * 1024;

/** For git in a large tree. */
export const STEP_LIMITS: SandboxLimits = {
  timeoutMs: 120_000,
  memoryBytes: 1024 * MEBIBYTE,
  processes: 64,
  cpus: 2,
  outputBytes: 16 * MEBIBYTE,
};

/** A step; what is not given is empty. */
export type SandboxStep = Pick<SandboxCommand, "view" | "argv" | "limits" | "signal"> &
  Partial<Pick<SandboxCommand, "env" | "stdin" | "readable" | "writable">>;

/** Runs it; output up to the limit comes along. */
export async function runInSandbox(
  sandbox: SandboxDriver,
  step: SandboxStep,
): Promise<SandboxResult & { readonly output: string }> {
  const chunks: Buffer[] = [];
  const onOutput = (chunk: Buffer) => void chunks.push(chunk);
  const result = await sandbox.run({ env: {}, readable: [], writable: [], ...step, onOutput });
  return { ...result, output: Buffer.concat(chunks).toString() };
}
