/** Suites record here which servers and drivers they ran against; `npm test` prints it at the end. */
import { appendFileSync } from "node:fs";

/** A kind of outside part of which the contract suites take several. */
export type ProofKind = "gitea" | "sandbox" | "redis" | "agent";

/** Notes that a suite ran against this part. `STEWARD_PROOFS` names the file; without it nothing is written. */
export function recordProof(kind: ProofKind, name: string): void {
  const file = process.env.STEWARD_PROOFS;
  if (file) appendFileSync(file, `${JSON.stringify({ kind, name })}\n`);
}
