/** Findings of rustc and of cargo's tests. */
import { type FindingReader, placeOf } from "./raw-finding.ts";

const HEADING = /^(?<severity>error|warning)(?<code>\[\w+\])?: (?<message>.*)$/;
const PLACE = /^ *--> (?<file>\S[^:]*):(?<line>\d+):\d+$/;
const PANIC = /^thread '(?<test>[^']*)' (?:\(\d+\) )?panicked at (?<file>\S[^:]*):(?<line>\d+):\d+:$/;

// The panic's message: its first line and the two sides of a comparison.
const PANIC_LINES = 3;

/** `error[E0308]: message`, with ` --> file:line:column` below. */
export const readRustc: FindingReader = (lines) =>
  lines.flatMap((line, at) => {
    const heading = HEADING.exec(line)?.groups;
    const place = heading && PLACE.exec(lines[at + 1] ?? "")?.groups;
    if (!place) return [];
    const severity = heading.severity === "error" ? "error" : "warning";
    const code = heading.code ? `${heading.code.slice(1, -1)}: ` : "";
    const message = `${code}${heading.message}`;
    return [{ at, severity, places: [placeOf(place)], standsAlone: false, message }];
  });

/** `thread 'test' panicked at file:line:column:`, with the message below. */
export const readRustPanics: FindingReader = (lines) =>
  lines.flatMap((line, at) => {
    const groups = PANIC.exec(line)?.groups;
    if (!groups) return [];
    const below = lines.slice(at + 1, at + 1 + PANIC_LINES);
    const end = below.findIndex((next) => next === "" || /^(?:note|stack backtrace):/.test(next));
    const message = `${groups.test}: ${below.slice(0, end < 0 ? below.length : end).join(" ")}`;
    return [{ at, severity: "error", places: [placeOf(groups)], standsAlone: true, message }];
  });
