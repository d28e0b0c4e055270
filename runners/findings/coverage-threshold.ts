/** Complaints about coverage of vitest, c8, jest and pytest-cov; they name no place. */
import type { FindingReader } from "./raw-finding.ts";

const SHORTFALLS: readonly RegExp[] = [
  /^(?:ERROR|Jest): (?<message>Coverage for .* does not meet .*)$/,
  /^Jest: (?<message>.* coverage threshold .* not met.*)$/,
  /^FAIL (?<message>Required test coverage of .* not reached.*)$/,
];

/** What a coverage tool says when it is below its threshold. */
export const readCoverageThreshold: FindingReader = (lines) =>
  lines.flatMap((line, at) => {
    const message = SHORTFALLS.map((shortfall) => shortfall.exec(line)?.groups?.message).find((text) => text);
    return message ? [{ at, severity: "error", places: [], standsAlone: true, message }] : [];
  });
