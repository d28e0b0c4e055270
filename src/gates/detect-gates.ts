/** Detects sensible gates of a repository that has no `.gitea/steward.yml`, from the files at its root. */
import type { Gate, RepositoryRules } from "../domain/gate.ts";
import { COMPILED_FILES, detectCompiledGates } from "./detect-compiled-gates.ts";
import { detectNodeGates, NODE_FILES } from "./detect-node-gates.ts";
import { detectPythonGates, PYTHON_FILES } from "./detect-python-gates.ts";
import type { Detected, RootFiles } from "./detected.ts";
import { DEFAULT_GATE_MINUTES, DEFAULT_SETUP_MINUTES } from "./rule-limits.ts";

/** Root files whose texts detection wants to see. */
export const RULE_FILES: readonly string[] = [...NODE_FILES, ...PYTHON_FILES, ...COMPILED_FILES];

/** The rules that follow from the root files; `undefined` when they name no check. */
export function detectRules(files: RootFiles): RepositoryRules | undefined {
  const found = [detectNodeGates(files), detectPythonGates(files), ...detectCompiledGates(files)].filter(
    (detected) => detected !== undefined,
  );
  if (found.length === 0) return undefined;
  const setups = found.flatMap(({ setup }) => setup ?? []);
  return {
    gates: gatesOf(found),
    ...(setups.length > 0 && {
      setup: {
        run: setups.map(({ run }) => run).join(" && "),
        cache: setups.flatMap(({ cache }) => cache),
        timeoutMinutes: DEFAULT_SETUP_MINUTES,
      },
    }),
    integrity: "withhold",
    source: found.map(({ source }) => source).join(", "),
  };
}

/** The first toolchain keeps the plain names; another one's are put behind its own: `python-test`. */
function gatesOf(found: readonly Detected[]): Gate[] {
  const gates = new Map<string, Gate>();
  for (const { toolchain, gates: detected } of found) {
    for (const { name, run } of detected) {
      const unique = gates.has(name) ? `${toolchain}-${name}` : name;
      gates.set(unique, { name: unique, steps: [run], env: {}, timeoutMinutes: DEFAULT_GATE_MINUTES, runsOn: [] });
    }
  }
  return [...gates.values()];
}
