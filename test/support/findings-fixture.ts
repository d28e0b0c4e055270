/** Recorded output of real tools, and findings in one line each. */
import { readFile } from "node:fs/promises";
import { readFindings } from "../../runners/findings/read-findings.ts";

/** The output recorded under this name. */
export function recordedLog(name: string): Promise<string> {
  return readFile(new URL(`../fixtures/findings/${name}.txt`, import.meta.url), "utf8");
}

/** Its findings as `file:line message`. */
export async function recordedFindings(name: string, workFolder = "/checkout"): Promise<string[]> {
  return shown(await recordedLog(name), workFolder);
}

/** Findings of a log as `file:line message`. */
export function shown(log: string, workFolder = "/checkout"): string[] {
  return readFindings(log, workFolder).map(({ file = "-", line, message }) =>
    line === undefined ? `${file} ${message}` : `${file}:${line} ${message}`,
  );
}
