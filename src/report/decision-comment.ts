/** The decision: which agent does this and why, what was understood, and what decides that it is done. */
import type { Estimate } from "../domain/estimate.ts";
import type { Gate } from "../domain/gate.ts";
import { inlineCode, plainLine, truncate } from "../lib/text.ts";
import { type Candidate, candidatesTable } from "./candidates-table.ts";
import { decidingGates } from "./gate-table.ts";
import { sentence } from "./sentence.ts";
import { assumptionList, problemList, understoodSentence } from "./understanding.ts";

const MAX_WHY = 400;

/** Everything the decision comment is made of. */
export interface DecisionView {
  readonly estimate: Estimate;
  readonly candidates: readonly Candidate[];
  /** Name of the chosen profile. */
  readonly chosen: string;
  /** Set when it takes over from a weaker one: why. */
  readonly stepUp?: string | undefined;
  readonly gates: readonly Gate[];
  /** Where the gates come from: `source` of the repository's rules. */
  readonly gatesSource: string;
  readonly defaultBranch: string;
  /** What is wrong with the issue's form, each a sentence. */
  readonly problems?: readonly string[] | undefined;
}

/** The comment's text, without its key line. */
export function decisionComment(view: DecisionView): string {
  const headline = view.stepUp === undefined ? "👋 On it" : "⬆️ Stepping up";
  return [
    `### ${headline}: ${inlineCode(view.chosen)} will do this`,
    ...(view.stepUp === undefined ? understanding(view) : [sentence(plainLine(truncate(view.stepUp, MAX_WHY)))]),
    candidatesTable(view.candidates, view.chosen),
    ...(view.stepUp === undefined ? [decidingGates(view)] : []),
    `<sub>Wrong estimate? \`/estimate 60000\` or \`/estimate high\`. ${otherAgent(view)}Stop? \`/cancel\`, or unassign me.</sub>`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** Told once: a step up changes who works, not what is asked. */
function understanding({ estimate, problems = [] }: DecisionView): readonly string[] {
  return [`**What I understood.** ${understoodSentence(estimate)}`, problemList(problems), assumptionList(estimate)];
}

/** Names an agent that could do it, so that the example works as it stands. */
function otherAgent({ candidates, chosen }: DecisionView): string {
  const others = candidates.filter((candidate) => candidate.profile !== chosen);
  const other = others.find((candidate) => candidate.fits && candidate.able) ?? others[0];
  return other ? `Another agent? ${inlineCode(`/agent ${other.profile}`)}. ` : "";
}
