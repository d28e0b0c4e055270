/** Everything that is wrong with a rules file, as sentences. */
import type { z } from "zod";
import { GateName } from "../domain/gate.ts";
import { sayUnknown, showPath } from "./rule-keys.ts";
import { MAX_GATES } from "./rule-limits.ts";
import { WrittenRules } from "./rules-schema.ts";

/** A problem and the place it is about. */
export interface RuleProblem {
  readonly path: readonly PropertyKey[];
  readonly sentence: string;
}

/** Names that Steward's own commit statuses have. */
const RESERVED_NAMES: readonly string[] = ["verdict"];

/** What the schema says, and what it cannot say: all of it, whichever comes first. */
export function findProblems(data: unknown): readonly RuleProblem[] {
  const issues = WrittenRules.safeParse(data).error?.issues ?? [];
  return [...issues.flatMap(sayIssue), ...gateProblems(data)];
}

function sayIssue(issue: z.core.$ZodIssue): readonly RuleProblem[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => problem([...issue.path, key], sayUnknown(issue.path, key)));
  }
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return [problem(issue.path, message)];
}

function gateProblems(data: unknown): readonly RuleProblem[] {
  if (!isRecord(data) || !isRecord(data.gates)) return [];
  const gates = Object.entries(data.gates);
  if (gates.length === 0) return [problem(["gates"], "is empty; without a gate nothing can be accepted")];
  return [
    ...(gates.length > MAX_GATES ? [problem(["gates"], `has more than ${MAX_GATES} gates`)] : []),
    ...gates.flatMap(([name, gate]) => [...nameProblems(name), ...(isRecord(gate) ? runProblems(name, gate) : [])]),
  ];
}

function nameProblems(name: string): readonly RuleProblem[] {
  const path = ["gates", name];
  if (RESERVED_NAMES.includes(name.toLowerCase())) return [problem(path, "is a name that Steward itself uses")];
  if (GateName.safeParse(name).success) return [];
  return [problem(path, "is no name for a gate; use up to 64 letters, digits, `.`, `_` and `-`")];
}

function runProblems(name: string, gate: Record<string, unknown>): readonly RuleProblem[] {
  const path = ["gates", name];
  const { run, steps, coverage } = gate;
  const needsLimit = isRecord(coverage) && coverage.minimum === undefined && coverage["changed-lines"] === undefined;
  return [
    ...(run !== undefined && steps !== undefined ? [problem(path, "has both `run` and `steps`; use one of them")] : []),
    ...(run === undefined && steps === undefined && gate.status === undefined && gate.uses === undefined
      ? [problem(path, "has no `run` and no `steps`")]
      : []),
    ...(needsLimit ? [problem([...path, "coverage"], "demands nothing; add `minimum` or `changed-lines`")] : []),
  ];
}

function problem(path: readonly PropertyKey[], says: string): RuleProblem {
  const subject = path.length === 0 ? "The file" : showPath(path);
  return { path, sentence: `${subject} ${says}${says.endsWith("?") ? "" : "."}` };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
