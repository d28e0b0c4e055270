/** How many tests passed and failed, as the test programs themselves say, for one line of summary. */
import { logLines } from "./log-lines.ts";

/** Tests of all runs in one log. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
}

const TOTALS: readonly RegExp[] = [
  // vitest: `Tests  3 failed | 1 passed (5)`; jest: `Tests:  2 failed, 1 passed, 3 total`.
  /^ *Tests:? {2,}(?<counts>\d.*)$/,
  // pytest: `=== 3 failed, 2 passed, 1 error in 0.04s ===`, with -q without the rulers.
  /^(?:=+ )?(?<counts>\d+ (?:failed|passed|errors?|skipped|xfailed|xpassed|deselected)\b.*) in [\d.]+s/,
  // cargo: `test result: FAILED. 1 passed; 1 failed; 0 ignored`.
  /^test result: \w+\. (?<counts>\d.*)$/,
  // node:test, one line a kind: `ℹ pass 1`, in TAP `# pass 1`.
  /^[ℹ#] (?<counts>(?:pass|fail|cancelled) \d+)$/,
];
const GO_RESULT = /^\s*--- (?<result>PASS|FAIL): \S+ \(/;

/** How many tests passed and failed, summed over all test runs in the log; absent: no test program spoke. */
export function testCounts(log: string): TestCounts | undefined {
  const found = logLines(log)
    .map((line) => countsIn(line))
    .filter((counts) => counts !== undefined);
  const passed = found.reduce((sum, counts) => sum + counts.passed, 0);
  const failed = found.reduce((sum, counts) => sum + counts.failed, 0);
  return passed + failed === 0 ? undefined : { passed, failed };
}

/** `214 passed` or `3 failed, 211 passed`. */
export function sayCounts({ passed, failed }: TestCounts): string {
  if (failed === 0) return `${passed} passed`;
  return passed === 0 ? `${failed} failed` : `${failed} failed, ${passed} passed`;
}

function countsIn(line: string): TestCounts | undefined {
  const go = GO_RESULT.exec(line)?.groups?.result;
  if (go) return { passed: go === "PASS" ? 1 : 0, failed: go === "FAIL" ? 1 : 0 };
  for (const total of TOTALS) {
    const counts = total.exec(line)?.groups?.counts;
    if (counts)
      return {
        passed: sum(counts, ["passed", "pass"]),
        failed: sum(counts, ["failed", "fail", "error", "errors", "cancelled"]),
      };
  }
  return undefined;
}

/** Numbers next to these words, whichever comes first: `3 failed` or `fail 3`. */
function sum(text: string, words: readonly string[]): number {
  const parts = text.split(/[|,;]/).map((part) => part.trim().split(/[ (]/));
  const numbers = parts.map(([a = "", b = ""]) => (words.includes(b) ? Number(a) : words.includes(a) ? Number(b) : 0));
  return numbers.filter(Number.isSafeInteger).reduce((total, number) => total + number, 0);
}
