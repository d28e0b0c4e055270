/** The commit statuses: one for each gate, the verdict last. */
import type { CommitStatus, StatusState } from "../domain/commit-status.ts";
import { gateContext, VERDICT_CONTEXT } from "../domain/gate.ts";
import type { RunId } from "../domain/ids.ts";
import type { GateResult, Verdict } from "../domain/verdict.ts";
import type { GateRun, Verification } from "../domain/verification.ts";
import { assertNever } from "../lib/assert-never.ts";
import { removeInvisible, truncate } from "../lib/text.ts";

import { duration, plural } from "./figures.ts";
import { runUrl } from "./links.ts";

/** What forges store of a description. */
const MAX_DESCRIPTION = 255;

/** What is known of one commit: a verification under way, or the verdict that ended it. */
export interface StatusesView {
  readonly verification?: Verification | undefined;
  readonly verdict?: Verdict | undefined;
  /** Runs that a runner has taken; others wait for one. */
  readonly running?: readonly RunId[] | undefined;
  readonly publicUrl: string;
}

/** The statuses in the order in which they are posted; a verdict counts more than the verification it ended. */
export function statusesFor(view: StatusesView): readonly CommitStatus[] {
  const { verification, verdict, running = [], publicUrl } = view;
  if (verdict)
    return [...verdict.results.map((result) => resultStatus(result, publicUrl)), verdictStatus(verdict, publicUrl)];
  if (!verification) return [];
  return [
    ...verification.gates.map((gate) => gateStatus(gate, running, publicUrl)),
    status(VERDICT_CONTEXT, "pending", "gates are running", firstRun(verification, publicUrl)),
  ];
}

/** The statuses of a commit on which the gates were stopped before there was a verdict: what is known, and why there is no more. */
export function stoppedStatuses({ gates }: Verification, reason: string, publicUrl: string): readonly CommitStatus[] {
  const words = `stopped: ${reason.replaceAll("`", "")}`;
  return [
    ...gates.map(({ gate, run, result }) =>
      result ? resultStatus(result, publicUrl) : status(gateContext(gate.name), "error", words, runUrl(publicUrl, run)),
    ),
    status(VERDICT_CONTEXT, "error", words, undefined),
  ];
}

function gateStatus({ gate, run, tries, result }: GateRun, running: readonly RunId[], publicUrl: string): CommitStatus {
  if (result) return resultStatus(result, publicUrl);
  const words = running.includes(run) ? "running" : "waiting for a runner";
  const again = tries > 1 ? `, try ${tries}: Steward failed before` : "";
  return status(gateContext(gate.name), "pending", `${words}${again}`, runUrl(publicUrl, run));
}

const STATE_OF_OUTCOME: Readonly<Record<GateResult["outcome"], StatusState>> = {
  passed: "success",
  failed: "failure",
  error: "error",
};

function resultStatus(result: GateResult, publicUrl: string): CommitStatus {
  return status(
    gateContext(result.gate),
    STATE_OF_OUTCOME[result.outcome],
    resultWords(result),
    runUrl(publicUrl, result.run),
  );
}

function resultWords({ outcome, summary, reused, durationMs }: GateResult): string {
  if (outcome === "error") return `Steward failed: ${summary}`;
  const words = reused || outcome === "failed" ? summary : passedWords(summary, durationMs);
  return reused ? `reused: same tree · ${words}` : words;
}

function passedWords(summary: string, durationMs: number): string {
  const time = `passed in ${duration(durationMs)}`;
  return summary === "" || summary === "passed" ? time : `${time} · ${summary}`;
}

function verdictStatus(verdict: Verdict, publicUrl: string): CommitStatus {
  const decisive = verdict.results.find((result) => result.outcome !== "passed") ?? verdict.results[0];
  const target = decisive && runUrl(publicUrl, decisive.run);
  const [state, words] = verdictWords(verdict);
  return status(VERDICT_CONTEXT, state, words, target);
}

function verdictWords({ outcome, results, integrity }: Verdict): readonly [StatusState, string] {
  const of = (kind: GateResult["outcome"]) => results.filter((result) => result.outcome === kind).length;
  const total = plural(results.length, "gate");
  switch (outcome) {
    case "accepted":
      return [
        "success",
        `accepted: ${results.length === 1 ? "the only gate" : `all ${total}`} passed${integrityWords(integrity.length)}`,
      ];
    case "rejected":
      return ["failure", `rejected: ${of("failed")} of ${total} ${of("failed") === 1 ? "fails" : "fail"}`];
    case "withheld":
      return ["pending", `withheld: a person must accept ${plural(integrity.length, "change")} to what the gates run`];
    case "failed":
      return ["error", `Steward failed: ${of("error")} of ${total} could not be run`];
    default:
      return assertNever(outcome);
  }
}

function integrityWords(changes: number): string {
  return changes === 0 ? "" : `, with ${plural(changes, "change")} to what they run`;
}

function firstRun({ gates }: Verification, publicUrl: string): string | undefined {
  const first = gates.find((gate) => !gate.result) ?? gates[0];
  return first && runUrl(publicUrl, first.run);
}

function status(context: string, state: StatusState, words: string, targetUrl: string | undefined): CommitStatus {
  const description = truncate(removeInvisible(words).replace(/\s+/g, " ").trim(), MAX_DESCRIPTION);
  return { context, state, description, targetUrl };
}
