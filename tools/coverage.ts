/** Line coverage over whole folders, from what every Node process of a run wrote to its NODE_V8_COVERAGE folder. */
import { readdirSync, readFileSync } from "node:fs";
import type { Profiler } from "node:inspector";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { mergeProcessCovs, type ProcessCov } from "@bcoe/v8-coverage";
import { parse } from "acorn";
import { convert } from "ast-v8-to-istanbul";
import libCoverage, { type CoverageMap } from "istanbul-lib-coverage";
import libReport from "istanbul-lib-report";
import reports from "istanbul-reports";

/** Reports are merged in groups of this size, so that a long run's files are never all in memory. */
const FILES_AT_ONCE = 40;

/** What to measure: code files below `folders` of `root`, from the coverage files in `dataFolder`. */
export interface Measurement {
  readonly root: string;
  readonly folders: readonly string[];
  readonly dataFolder: string;
}

/** Measures every file, loaded or not: one that no process loaded counts with all its lines uncovered. */
export async function measureCoverage(measurement: Measurement): Promise<CoverageMap> {
  const files = measurement.folders.flatMap((folder) => sourceFiles(join(measurement.root, folder)));
  const urls = new Map(files.map((file) => [pathToFileURL(file).href, file]));
  const merged = mergeFolder(measurement.dataFolder, (script) => urls.has(script.url));
  const scripts = new Map(merged.result.map((script) => [script.url, script]));
  const map = libCoverage.createCoverageMap();
  for (const [url, file] of urls) map.merge(await fileCoverage(file, url, scripts.get(url)));
  return map;
}

/** Writes lcov and HTML reports for people and tools. */
export function writeReports(coverageMap: CoverageMap, dir: string): void {
  const context = libReport.createContext({ dir, coverageMap });
  for (const report of ["lcovonly", "html", "json-summary"] as const) reports.create(report).execute(context);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /\.m?[jt]s$/.test(name) && !name.endsWith(".d.ts"))
    .map((name) => join(folder, name))
    .sort();
}

function mergeFolder(folder: string, wanted: (script: Profiler.ScriptCoverage) => boolean): ProcessCov {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  let merged: ProcessCov = { result: [] };
  for (let start = 0; start < names.length; start += FILES_AT_ONCE) {
    const group = names.slice(start, start + FILES_AT_ONCE).map((name) => readProcess(join(folder, name), wanted));
    merged = mergeProcessCovs([merged, ...group]);
  }
  return merged;
}

function readProcess(file: string, wanted: (script: Profiler.ScriptCoverage) => boolean): ProcessCov {
  const text = readFileSync(file, "utf8");
  if (!text.endsWith("}")) return { result: [] }; // Cut off: its process was killed while it wrote.
  const written: ProcessCov = JSON.parse(text);
  return { result: written.result.filter(wanted) };
}

/** Node strips types by blanking them, so that positions in the executed code are positions in the source. */
async function fileCoverage(file: string, url: string, script: Profiler.ScriptCoverage | undefined) {
  const code = stripTypeScriptTypes(readFileSync(file, "utf8"));
  const ast = parse(code, { ecmaVersion: "latest", sourceType: "module", locations: true, allowHashBang: true });
  return convert({ code, ast, coverage: script ?? neverLoaded(url, code.length) });
}

function neverLoaded(url: string, length: number): Pick<Profiler.ScriptCoverage, "url" | "functions"> {
  const ranges = [{ startOffset: 0, endOffset: length, count: 0 }];
  return { url, functions: [{ functionName: "", isBlockCoverage: true, ranges }] };
}
