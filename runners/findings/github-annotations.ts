/** Findings of tools that write GitHub's workflow commands. */
import { lineReader, type Place } from "./raw-finding.ts";

const COMMAND = /^::(?<severity>error|warning) (?<properties>[^:]*(?::[^:]+)*)::(?<message>.*)$/;

/** `::error file=a.ts,line=1,title=rule::message`. */
export const readGithubAnnotations = lineReader((line) => {
  const groups = COMMAND.exec(line)?.groups;
  if (!groups) return undefined;
  const properties = new Map((groups.properties ?? "").split(",").map((pair) => split(pair)));
  const file = properties.get("file");
  if (file === undefined) return undefined;
  const number = Number(properties.get("line"));
  const place: Place = Number.isSafeInteger(number) && number > 0 ? { file, line: number } : { file };
  const title = properties.get("title");
  const severity = groups.severity === "error" ? "error" : "warning";
  return { severity, places: [place], message: title ? `${groups.message} (${title})` : (groups.message ?? "") };
});

function split(pair: string): [name: string, value: string] {
  const at = pair.indexOf("=");
  return [pair.slice(0, at), pair.slice(at + 1)];
}
