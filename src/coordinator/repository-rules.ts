/** What a repository's default branch says about its gates: its own file, or what can be told from what it holds. */
import { type Gate, type RepositoryRules, RULES_PATHS } from "../domain/gate.ts";
import type { Task } from "../domain/task.ts";
import { detectRules, RULE_FILES } from "../gates/detect-gates.ts";
import { loadRules } from "../gates/load-rules.ts";
import type { Repository } from "../ports/forge.ts";
import type { Deps } from "./deps.ts";
import { parkTask } from "./park-task.ts";

/** What the default branch says, or why it says nothing usable. */
export type RulesFound =
  | { readonly found: "rules"; readonly rules: RepositoryRules }
  | { readonly found: "problems"; readonly path: string; readonly problems: readonly string[] }
  | { readonly found: "nothing" };

/** Reads the rules as they are on the default branch now; what a task's branch says is never asked. */
export async function readRepositoryRules(deps: Deps, repository: Repository): Promise<RulesFound> {
  const read = (path: string) => deps.forge.readFile(repository.name, path, repository.defaultBranch);
  for (const path of RULES_PATHS) {
    const text = await read(path);
    if (text === undefined) continue;
    const loaded = loadRules(text, path);
    return "rules" in loaded
      ? { found: "rules", rules: loaded.rules }
      : { found: "problems", path, problems: loaded.problems };
  }
  const texts = await Promise.all(RULE_FILES.map(read));
  const rules = detectRules(Object.fromEntries(RULE_FILES.map((path, index) => [path, texts[index]])));
  return rules ? { found: "rules", rules } : { found: "nothing" };
}

/** The gates and where they are from, as far as the default branch tells. */
export function knownGates(found: RulesFound): { readonly gates: readonly Gate[]; readonly gatesSource: string } {
  return found.found === "rules"
    ? { gates: found.rules.gates, gatesSource: found.rules.source }
    : { gates: [], gatesSource: "" };
}

/** Parked where no gates are known: nothing could tell whether the work is done. */
export function parkForRules(deps: Deps, task: Task, found: Exclude<RulesFound, { found: "rules" }>): Task {
  return found.found === "problems"
    ? parkTask(deps, task, "bad-rules", `${found.path}: ${found.problems.join("; ")}`)
    : parkTask(deps, task, "no-gates", "no gates were found on the default branch");
}
