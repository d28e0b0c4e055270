/** One failing gate for who has to mend it: required, found, where, why, and how to see it oneself. */
import type { Gate } from "../domain/gate.ts";
import type { CoverageFound, FileLines, Finding, GateResult } from "../domain/verdict.ts";
import { fence, inlineCode, lineRanges, plainLine, tableCell, truncate } from "../lib/text.ts";

const MAX_FILE = 200;
const MAX_RANGES = 300;
const MAX_SUMMARY = 300;
const MAX_COMMAND = 500;

/** How much of a failure is shown; less of it where many gates fail. */
export interface Detail {
  readonly findings: number;
  readonly messageLength: number;
  readonly excerptLength: number;
}

/** The section of one failing gate; what is left out is counted. */
export function failedGate(result: GateResult, gate: Gate | undefined, detail: Detail): string {
  return [
    `**${plainLine(result.gate)}** — ${requiredAndFound(result, gate)}`,
    uncoveredTable(result.coverage, detail),
    findingsTable(result.findings, detail),
    excerptFence(result, detail),
    `Run it yourself: ${inlineCode(truncate(result.command, MAX_COMMAND))}.`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function requiredAndFound({ coverage, summary }: GateResult, gate: Gate | undefined): string {
  if (!coverage || !gate?.coverage) return `required: it passes; found: ${plainLine(truncate(summary, MAX_SUMMARY))}.`;
  const { minimum, changedLines } = gate.coverage;
  const parts = [
    ...(minimum === undefined ? [] : [`required ${minimum} % of lines, found **${rounded(coverage.percent)} %**`]),
    ...(changedLines === undefined
      ? []
      : [`required ${changedLines} % of the lines you changed, found **${changedFound(coverage)}**`]),
  ];
  const uncovered = coverage.uncoveredChanged.reduce((sum, file) => sum + file.lines.length, 0);
  const rest =
    uncovered === 0 ? "." : `. Of the lines you changed, ${uncovered} ${uncovered === 1 ? "is" : "are"} not covered:`;
  return `${parts.join("; ")}${rest}`;
}

function changedFound({ changedPercent }: CoverageFound): string {
  return changedPercent === undefined ? "nothing measured" : `${rounded(changedPercent)} %`;
}

/** Rounded down: 89.96 % must not read as the 90 % that it misses. */
function rounded(percent: number): number {
  return Math.floor(percent * 10) / 10;
}

function uncoveredTable(coverage: CoverageFound | undefined, { findings }: Detail): string {
  const row = ({ file, lines }: FileLines) =>
    `| ${tableCell(inlineCode(truncate(file, MAX_FILE)))} | ${truncate(lineRanges(lines), MAX_RANGES)} |`;
  return boundedTable("| file | lines |", (coverage?.uncoveredChanged ?? []).map(row), findings, "file");
}

function findingsTable(all: readonly Finding[], { findings, messageLength }: Detail): string {
  const row = (finding: Finding) =>
    `| ${tableCell(place(finding))} | ${tableCell(plainLine(truncate(finding.message, messageLength)))} |`;
  return boundedTable("| where | message |", all.map(row), findings, "finding");
}

function boundedTable(head: string, rows: readonly string[], max: number, what: string): string {
  const shown = rows.slice(0, max);
  const rest = rows.length - shown.length;
  const table = shown.length === 0 ? "" : [head, "|:--|:--|", ...shown].join("\n");
  const words = rest > 0 ? `${rest} more ${what}${rest === 1 ? "" : "s"} in the full log.` : "";
  return [table, words].filter((part) => part !== "").join("\n\n");
}

function place({ file, line }: Finding): string {
  if (file === undefined) return "";
  const name = truncate(file, MAX_FILE);
  return inlineCode(line === undefined ? name : `${name}:${line}`);
}

/** The end of an excerpt is where tools say what was wrong. */
function excerptFence({ command, excerpt }: GateResult, { excerptLength }: Detail): string {
  if (excerpt === "" || excerptLength === 0) return "";
  const cut = excerpt.length - excerptLength;
  const shown = cut <= 0 ? excerpt : `[${cut} characters cut]\n${excerpt.slice(-excerptLength)}`;
  return fence(`$ ${truncate(command, MAX_COMMAND)}\n${shown}`);
}
