/** The verdict that follows from what all gates of one commit found. */
import type { RepositoryRules } from "../domain/gate.ts";
import type { Sha } from "../domain/ids.ts";
import type { GateResult, IntegrityChange, Verdict, VerdictOutcome } from "../domain/verdict.ts";

/** Everything a verification of one commit found. */
export interface Findings {
  readonly sha: Sha;
  readonly results: readonly GateResult[];
  readonly integrity: readonly IntegrityChange[];
  readonly policy: RepositoryRules["integrity"];
}

/** A failed gate rejects; without one, an error of ours says nothing about the work; nothing is accepted unchecked. */
export function decideVerdict({ sha, results, integrity, policy }: Findings): Verdict {
  return { sha, outcome: outcomeOf(results, integrity, policy), results: [...results], integrity: [...integrity] };
}

function outcomeOf(
  results: readonly GateResult[],
  integrity: readonly IntegrityChange[],
  policy: RepositoryRules["integrity"],
): VerdictOutcome {
  if (results.some((result) => result.outcome === "failed")) return "rejected";
  const isGreen = results.length > 0 && results.every((result) => result.outcome === "passed");
  if (!isGreen) return "failed";
  return integrity.length > 0 && policy === "withhold" ? "withheld" : "accepted";
}
