/** What sends an agent back to work after a rejection: only the failing gates, for the agent and for every reader. */
import type { Gate } from "../domain/gate.ts";
import type { Limits } from "../domain/limits.ts";
import type { GateResult, Verdict } from "../domain/verdict.ts";
import { inlineCode } from "../lib/text.ts";
import { type Detail, failedGate } from "./failed-gate.ts";

/** Long enough for what matters, short enough to be read: by a person, and in a context window. */
const MAX_LENGTH = 12_000;
const SHORT_SHA = 7;
/** Gates that are named, and logs that are linked, where many fail. */
const MAX_NAMED = 50;
const MAX_LOGS = 8;

/** Tried in turn until the whole fits. */
const DETAILS: readonly Detail[] = [
  { findings: 25, messageLength: 400, excerptLength: 3_000 },
  { findings: 12, messageLength: 250, excerptLength: 1_200 },
  { findings: 5, messageLength: 160, excerptLength: 400 },
  { findings: 2, messageLength: 120, excerptLength: 0 },
];
const LEAST_DETAIL: Detail = { findings: 0, messageLength: 0, excerptLength: 0 };

/** Everything the continuation is made of. */
export interface ContinuationView {
  readonly verdict: Verdict;
  /** The attempt that begins now. */
  readonly attempt: number;
  readonly limits: Limits;
  /** Who goes on; empty: not known yet. */
  readonly profile: string;
  /** Where the gates are read from: the default branch, or the file on it. */
  readonly source: string;
  readonly publicUrl: string;
  /** The gates that ran, for what they require. */
  readonly gates: readonly Gate[];
}

/** The text, as a comment (without its key line) and as an instruction. */
export function continuationPrompt(view: ContinuationView): string {
  const failed = view.verdict.results.filter((result) => result.outcome === "failed");
  for (const detail of DETAILS) {
    const text = assemble(view, failed, sections(view, failed, detail));
    if (text.length <= MAX_LENGTH) return text;
  }
  return assemble(view, failed, firstSections(view, failed));
}

function assemble(view: ContinuationView, failed: readonly GateResult[], parts: readonly string[]): string {
  return [
    `### ❌ Not done yet: ${countWords(view.verdict, failed)} on \`${view.verdict.sha.slice(0, SHORT_SHA)}\``,
    "The task is finished when every gate passes on one commit. Nothing can be deferred, and a part of it does not count.",
    ...parts,
    `Do not lower thresholds, exclude files or weaken tests: gates are read from ${sourceWords(view.source)}, not from this branch.`,
    lastLine(view, failed),
  ].join("\n\n");
}

function sections({ gates }: ContinuationView, failed: readonly GateResult[], detail: Detail): readonly string[] {
  return failed.map((result) =>
    failedGate(
      result,
      gates.find((gate) => gate.name === result.gate),
      detail,
    ),
  );
}

/** Where even the shortest form is too long the first gates are shown and the others named. */
function firstSections(view: ContinuationView, failed: readonly GateResult[]): readonly string[] {
  const shown: string[] = [];
  for (const section of sections(view, failed, LEAST_DETAIL)) {
    if ([...shown, section].join("\n\n").length > MAX_LENGTH / 2) break;
    shown.push(section);
  }
  const rest = failed.slice(shown.length).map((result) => inlineCode(result.gate));
  return rest.length === 0 ? shown : [...shown, leftOut(rest)];
}

function leftOut(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return `Failing too, left out here: ${names.slice(0, MAX_NAMED).join(", ")}${more}.`;
}

function countWords({ results }: Verdict, failed: readonly GateResult[]): string {
  const gates = results.length === 1 ? "gate" : "gates";
  return `${failed.length} of ${results.length} ${gates} ${failed.length === 1 ? "fails" : "fail"}`;
}

function sourceWords(source: string): string {
  return source === "" ? "the default branch" : inlineCode(source);
}

function lastLine({ attempt, limits, profile, publicUrl }: ContinuationView, failed: readonly GateResult[]): string {
  const attempts = attempt > limits.attempts ? "That was the last attempt" : `Attempt ${attempt} of ${limits.attempts}`;
  const logs = failed.slice(0, MAX_LOGS).map(({ gate, run }) => {
    const name = failed.length === 1 ? "full log" : `log of ${gate}`;
    return `[${name}](${publicUrl.replace(/\/+$/, "")}/runs/${run})`;
  });
  return `<sub>${[attempts, ...(profile === "" ? [] : [inlineCode(profile)]), ...logs].join(" · ")}</sub>`;
}
