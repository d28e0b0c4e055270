/** `steward doctor`: every part of the chain is tried for real, and what is wrong is said with its way out. */

/** What a check found; `detail` ends with the way out when it failed. */
export interface Finding {
  readonly ok: boolean;
  readonly detail: string;
}

/** One thing to check. A check that throws has failed, with the error's sentence. */
export interface Check {
  readonly name: string;
  readonly run: () => Promise<Finding>;
}

const NAME_WIDTH = 22;

/** Runs the checks in order; true when all are well. */
export async function examine(checks: readonly Check[], say: (line: string) => void): Promise<boolean> {
  let well = true;
  for (const { name, run } of checks) {
    const finding = await run().catch((error: unknown): Finding => ({ ok: false, detail: sentenceOf(error) }));
    say(`${finding.ok ? "ok  " : "FAIL"}  ${name.padEnd(NAME_WIDTH)} ${finding.detail}`);
    well &&= finding.ok;
  }
  return well;
}

function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
