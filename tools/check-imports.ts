/** Runs dependency-cruiser with the table of import-levels.ts. `node tools/check-imports.ts` prints each import that breaks a rule. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cruise, type ICruiseResult } from "dependency-cruiser";
import { importRules } from "./import-levels.ts";

const FOLDERS = ["src", "runners", "demo", "bench", "test", "tools"];

/** What one look over a tree found. */
export interface ImportFindings {
  /** `rule: from -> to`, sorted. */
  readonly violations: readonly string[];
  /** Files read, to see that the rules saw something. */
  readonly files: readonly string[];
}

/** Reads every import below `root` and reports those that break a rule. */
export async function findForbiddenImports(root: string): Promise<ImportFindings> {
  const { output } = await cruise(
    FOLDERS.filter((folder) => existsSync(join(root, folder))),
    {
      baseDir: root,
      validate: true,
      ruleSet: { forbidden: importRules() },
      tsPreCompilationDeps: true,
      doNotFollow: { path: "node_modules" },
      exclude: { path: "^(?:test/fixtures|demo/sample-repository)/" },
    },
    {
      extensions: [".ts", ".mjs", ".js", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types"],
    },
  );
  if (typeof output === "string") throw new TypeError("dependency-cruiser answered with text instead of a result.");
  return { violations: violationsOf(output), files: output.modules.map((module) => module.source) };
}

function violationsOf(result: ICruiseResult): string[] {
  const lines = result.summary.violations.map(({ rule, from, to, cycle }) => {
    const way = cycle ? cycle.map((step) => step.name).join(" -> ") : to;
    return `${rule.name}: ${from} -> ${way}`;
  });
  return [...new Set(lines)].sort();
}

if (import.meta.main) {
  const { violations, files } = await findForbiddenImports(process.cwd());
  for (const violation of violations) console.error(violation);
  if (violations.length > 0) process.exitCode = 1;
  else console.log(`${files.length} files`);
}
