/** Findings of node:test in its spec form: the blocks below `failing tests:`. */
import { type FindingReader, placeOf, type RawFinding } from "./raw-finding.ts";
import { framePlace, isFrame } from "./stack-frames.ts";

const PLACE = /^test at (?<file>.+):(?<line>\d+):\d+$/;
const NAME = /^✖ (?<name>.*?)(?: \([\d.]+ms\))?(?: # .*)?$/;

/** `test at file:line:column`, `✖ name`, the error, its stack; the stack's first own frame is nearer than the test's start. */
export const readNodeTestSpec: FindingReader = (lines) => {
  const findings: RawFinding[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const place = PLACE.exec(lines[at] ?? "")?.groups;
    const name = place && NAME.exec(lines[at + 1] ?? "")?.groups?.name;
    if (name === undefined) continue;
    let end = at + 2;
    while (end < lines.length && (lines[end] === "" || /^\s/.test(lines[end] ?? ""))) end += 1;
    const block = lines.slice(at + 2, end);
    const frames = block
      .filter(isFrame)
      .map(framePlace)
      .filter((frame) => frame !== undefined);
    const message = `${name}: ${errorText(block)}`;
    findings.push({ at, severity: "error", places: [...frames, placeOf(place)], standsAlone: true, message });
  }
  return findings;
};

function errorText(block: readonly string[]): string {
  const stack = block.findIndex(isFrame);
  return (stack < 0 ? block : block.slice(0, stack)).join(" ");
}
