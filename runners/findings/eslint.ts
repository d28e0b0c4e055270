/** Findings of eslint: the stylish format, where rows stand below their file, and the unix format. */
import { type FindingReader, lineReader, placeOf } from "./raw-finding.ts";

const ROW = /^ +(?<line>\d+):\d+ +(?<severity>error|warning) +(?<rest>\S.*)$/;
const UNIX = /^(?<file>\S[^:]*):(?<line>\d+):\d+: (?<message>.*) \[(?<severity>Error|Warning)(?<rule>\/\S+)?\]$/;

/** A path on a line of its own, then `line:column  error  message  rule` rows. */
export const readEslintStylish: FindingReader = (lines) => {
  let file = "";
  return lines.flatMap((line, at) => {
    const row = ROW.exec(line)?.groups;
    if (!row) {
      file = line;
      return [];
    }
    const severity = row.severity === "error" ? "error" : "warning";
    const place = placeOf({ file, line: row.line });
    // Without a file above them these rows are some other tool's table.
    if (!/^\S.*\.\w+$/.test(file)) return [];
    return [{ at, severity, places: [place], standsAlone: false, message: withRule(row.rest ?? "") }];
  });
};

/** `file:line:column: message [Error/rule]`. */
export const readEslintUnix: FindingReader = lineReader((line) => {
  const groups = UNIX.exec(line)?.groups;
  if (!groups) return undefined;
  const rule = groups.rule ? ` (${groups.rule.slice(1)})` : "";
  const severity = groups.severity === "Error" ? "error" : "warning";
  return { severity, places: [placeOf(groups)], message: `${groups.message}${rule}` };
});

/** The rule is the last column, two spaces away. */
function withRule(rest: string): string {
  const at = rest.lastIndexOf("  ");
  const rule = rest.slice(at + 2);
  return at < 0 || rule.includes(" ") ? rest : `${rest.slice(0, at).trimEnd()} (${rule})`;
}
