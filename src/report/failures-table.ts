/** The failures of the last verdict in short: which gate, where, which message. */
import type { GateResult, Verdict } from "../domain/verdict.ts";
import { inlineCode, plainLine, tableCell, truncate } from "../lib/text.ts";

const MAX_FAILURES = 10;
const MAX_MESSAGE = 200;

interface Failure {
  readonly gate: string;
  readonly place: string;
  readonly message: string;
}

/** The table; empty text when no gate failed. */
export function failuresTable(verdict: Verdict | undefined): string {
  const failures = (verdict?.results ?? []).filter((result) => result.outcome === "failed").flatMap(failuresOf);
  if (failures.length === 0) return "";
  const rows = failures.slice(0, MAX_FAILURES).map(({ gate, place, message }) => {
    const where = place === "" ? "" : inlineCode(truncate(place, MAX_MESSAGE));
    return `| ${[inlineCode(gate), where, plainLine(truncate(message, MAX_MESSAGE))].map(tableCell).join(" | ")} |`;
  });
  const rest = failures.length - rows.length;
  const table = ["| gate | where | message |", "|:--|:--|:--|", ...rows].join("\n");
  return rest > 0 ? `${table}\n\nand ${rest} more` : table;
}

function failuresOf({ gate, findings, summary }: GateResult): readonly Failure[] {
  if (findings.length === 0) return [{ gate, place: "", message: summary }];
  return findings.map(({ file = "", line, message }) => ({ gate, place: line ? `${file}:${line}` : file, message }));
}
