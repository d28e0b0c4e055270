/** What an lcov report says about lines: how many are covered, and which changed ones are not. */
import type { CoverageRule } from "../../src/domain/gate.ts";
import type { CoverageFound, FileLines } from "../../src/domain/verdict.ts";

/** Hits by line number, by path in the checkout. */
export type LineHits = ReadonlyMap<string, ReadonlyMap<number, number>>;

function pathInCheckout(path: string, workFolder: string): string {
  const relative = path.startsWith(`${workFolder}/`) ? path.slice(workFolder.length + 1) : path;
  return relative.replace(/^(?:\.\/)+/, "");
}

/** Reads the report; several sections of one file are one file, each line with its most hits. */
export function readLcov(report: string, workFolder: string): LineHits {
  const files = new Map<string, Map<number, number>>();
  let current: Map<number, number> | undefined;
  for (const line of report.split(/\r?\n/)) {
    const [, file] = /^SF:(.+)$/.exec(line) ?? [];
    const [, number, hits] = /^DA:(\d+),(-?\d+)/.exec(line) ?? [];
    if (file) {
      const path = pathInCheckout(file, workFolder);
      current = files.get(path) ?? new Map();
      files.set(path, current);
    } else if (number) {
      current?.set(Number(number), Math.max(Number(hits), current.get(Number(number)) ?? 0));
    } else if (line === "end_of_record") current = undefined;
  }
  return files;
}

function percentOf(covered: number, all: number): number {
  return all === 0 ? 100 : (covered / all) * 100;
}

function changedHits(hits: LineHits, changed: readonly FileLines[]) {
  return changed.map(({ file, lines }) => {
    const known = hits.get(file);
    const measured = lines.filter((line) => known?.has(line));
    return { file, measured, uncovered: measured.filter((line) => (known?.get(line) ?? 0) <= 0) };
  });
}

/** Percentages, and the changed lines that no test ran; `changed` is absent where there is nothing to compare with. */
export function measureCoverage(hits: LineHits, changed: readonly FileLines[] | undefined): CoverageFound {
  const all = [...hits.values()].flatMap((lines) => [...lines.values()]);
  const percent = percentOf(all.filter((count) => count > 0).length, all.length);
  const files = changedHits(hits, changed ?? []);
  const measured = files.reduce((sum, file) => sum + file.measured.length, 0);
  const uncovered = files.reduce((sum, file) => sum + file.uncovered.length, 0);
  return {
    percent,
    ...(measured > 0 ? { changedPercent: percentOf(measured - uncovered, measured) } : {}),
    uncoveredChanged: files
      .filter((file) => file.uncovered.length > 0)
      .map((file) => ({ file: file.file, lines: file.uncovered.toSorted((a, b) => a - b) })),
  };
}

/** One decimal, never rounded up: 84.97 is not 85. */
function shown(percent: number): string {
  return `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
}

/** What the rule asks for and was not found, as people read it; empty when all of it was. */
export function coverageShortfalls(found: CoverageFound, rule: CoverageRule): readonly string[] {
  const { minimum, changedLines } = rule;
  const { percent, changedPercent } = found;
  return [
    ...(minimum !== undefined && percent < minimum ? [`coverage ${shown(percent)}, needs ${minimum} %`] : []),
    ...(changedLines !== undefined && changedPercent !== undefined && changedPercent < changedLines
      ? [`coverage of changed lines ${shown(changedPercent)}, needs ${changedLines} %`]
      : []),
  ];
}

/** The figure for a gate that passed. */
export function coverageInWords({ percent }: CoverageFound): string {
  return `coverage ${shown(percent)}`;
}
