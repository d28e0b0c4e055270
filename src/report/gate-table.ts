/** The table of gates: results so far, and what still runs. */
import type { Gate } from "../domain/gate.ts";
import type { Task } from "../domain/task.ts";
import type { GateOutcome, GateResult } from "../domain/verdict.ts";
import type { GateRun } from "../domain/verification.ts";
import { inlineCode, plainLine, tableCell, truncate } from "../lib/text.ts";
import { duration, percent } from "./figures.ts";
import { runUrl } from "./links.ts";

const OUTCOME_SIGNS: Readonly<Record<GateOutcome, string>> = { passed: "✅", failed: "❌", error: "⚠️" };
const PENDING_SIGN = "🟡";
/** One line of a tool is enough in a table; the log has the rest. */
const MAX_SUMMARY = 160;

/** A gate with its result, or without one while it is under way. */
export interface GateRow {
  readonly name: string;
  readonly result: GateResult | undefined;
  readonly run: GateRun | undefined;
}

/** The gates to show for a task: of the verification under way, else of the last verdict. */
export function gateRowsOf(task: Task): readonly GateRow[] {
  if (task.phase.state !== "verifying") return rowsFromResults(task.verdict?.results ?? []);
  return task.phase.verification.gates.map((run) => ({ name: run.gate.name, result: run.result, run }));
}

/** Rows of finished gates. */
export function rowsFromResults(results: readonly GateResult[]): readonly GateRow[] {
  return results.map((result) => ({ name: result.gate, result, run: undefined }));
}

/** The table; empty text when there are no gates to show. */
export function gateTable(rows: readonly GateRow[], publicUrl: string): string {
  if (rows.length === 0) return "";
  return ["| gate | result | time | |", "|:--|:--|--:|:--|", ...rows.map((row) => gateLine(row, publicUrl))].join("\n");
}

function gateLine({ name, result, run }: GateRow, publicUrl: string): string {
  const shownRun = result?.run ?? run?.run;
  const log = shownRun === undefined ? "" : `[log](${runUrl(publicUrl, shownRun)})`;
  if (!result) return `| ${PENDING_SIGN} ${tableCell(name)} | ${pendingWords(run)} | | ${log} |`;
  const time = result.reused ? "" : ` ${duration(result.durationMs)}`;
  return `| ${OUTCOME_SIGNS[result.outcome]} ${tableCell(name)} | ${resultWords(result)} |${time} | ${log} |`;
}

function pendingWords(run: GateRun | undefined): string {
  return run && run.tries > 1 ? `running, try ${run.tries}: Steward failed before` : "running";
}

function resultWords(result: GateResult): string {
  const summary = tableCell(plainLine(truncate(result.summary, MAX_SUMMARY)));
  const failedByUs = result.outcome === "error" ? `Steward failed: ${summary}` : summary;
  return result.reused ? `${failedByUs} · reused: same tree` : failedByUs;
}

/** `build` `coverage ≥ 85 %`. */
function gateList(gates: readonly Gate[]): string {
  return gates.map((gate) => inlineCode(`${gate.name}${coverageWords(gate)}`)).join(" ");
}

/** What decides that work is done, and where that is written; empty text when it could not be read. */
export function decidingGates(view: {
  readonly gates: readonly Gate[];
  readonly gatesSource: string;
  readonly defaultBranch: string;
}): string {
  if (view.gates.length === 0) return "";
  const source = `from ${inlineCode(view.gatesSource)} on ${inlineCode(view.defaultBranch)}`;
  return `**What decides that it is done:** ${gateList(view.gates)} on one commit (${source}).`;
}

function coverageWords({ coverage }: Gate): string {
  const parts = [
    ...(coverage?.minimum === undefined ? [] : [`≥ ${percent(coverage.minimum)}`]),
    ...(coverage?.changedLines === undefined ? [] : [`changed lines ≥ ${percent(coverage.changedLines)}`]),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}
