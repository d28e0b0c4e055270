/** Findings of the go compiler, go vet and go test. */
import { type FindingReader, lineReader, type Place, placeOf, type RawFinding } from "./raw-finding.ts";

const DIAGNOSTIC = /^(?:vet: )?(?<file>\S+\.go):(?<line>\d+)(?::\d+)?: (?<message>.*)$/;
const RUNNING = /^(?:=== (?:RUN|CONT|NAME) +|\s*--- (?:FAIL|PASS|SKIP): )(?<test>\S+)/;
const FAILED = /^\s*--- FAIL: (?<test>\S+)/;
const REPORTED = /^\s+(?<file>\S+\.go):(?<line>\d+): (?<message>.*)$/;
const PANIC = /^panic: (?<message>.*)$/;
const FRAME = /^\t(?<file>\/\S+\.go):(?<line>\d+) /;

// Frames of the runtime and of the testing package come first; a trace goes on through all goroutines.
const TRACE_LINES = 60;

/** `file.go:line:column: message`. */
export const readGo = lineReader((line) => {
  const groups = DIAGNOSTIC.exec(line)?.groups;
  return groups && { severity: "error", places: [placeOf(groups)], message: groups.message ?? "" };
});

/** Messages of failed tests, which stand above or below the line that says so, and panics. Files are named without folder. */
export const readGoTests: FindingReader = (lines) => {
  const failed = new Set(lines.map((line) => FAILED.exec(line)?.groups?.test));
  const findings: RawFinding[] = [];
  let test = "";
  lines.forEach((line, at) => {
    test = RUNNING.exec(line)?.groups?.test ?? test;
    if (!failed.has(test)) return;
    const reported = REPORTED.exec(line)?.groups;
    const panic = PANIC.exec(line)?.groups;
    const places = panic ? framesBelow(lines, at) : reported && [placeOf(reported)];
    if (!places) return;
    const message = panic ? `panic: ${panic.message}` : reported?.message;
    findings.push({ at, severity: "error", places, standsAlone: true, message: `${test}: ${message}` });
  });
  return findings;
};

function framesBelow(lines: readonly string[], at: number): readonly Place[] {
  return lines
    .slice(at + 1, at + TRACE_LINES)
    .map((line) => FRAME.exec(line)?.groups)
    .filter((groups) => groups !== undefined)
    .map(placeOf);
}
