/** The refusal: no profile can take this issue, with the numbers and the way out. */
import { type Estimate, USABLE_CONTEXT_SHARE } from "../domain/estimate.ts";
import { type Candidate, candidatesTable } from "./candidates-table.ts";
import { count, shortTokens } from "./figures.ts";
import { assumptionList, partsSentence, understoodSentence } from "./understanding.ts";

/** Everything the refusal is made of. */
export interface RefusalView {
  readonly code: "too-large" | "no-agent";
  readonly estimate: Estimate;
  readonly candidates: readonly Candidate[];
}

/** The comment's text, without its key line. */
export function refusalComment(view: RefusalView): string {
  const { estimate, candidates } = view;
  return [
    `### ✋ ${view.code === "too-large" ? "Too large for one agent" : "No agent can take this now"}`,
    whyRefused(view),
    `**What I understood.** ${understoodSentence(estimate)} ${partsSentence(estimate)}`,
    assumptionList(estimate),
    ...(candidates.length === 0 ? [] : [candidatesTable(candidates)]),
    wayOut(view),
    "<sub>`/estimate` shows or corrects the figures · `/why` · `/help`</sub>",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function whyRefused({ code, estimate, candidates }: RefusalView): string {
  const largest = Math.max(0, ...candidates.map((candidate) => candidate.contextLimit));
  if (candidates.length === 0) return "No agent profile is configured.";
  if (code === "no-agent") {
    return `The work is **${estimate.difficulty}**, and no agent that is trusted with it has the context and is available.`;
  }
  return (
    `It needs about ${count(estimate.tokens)} tokens, and an agent takes work of at most half its context. ` +
    `The largest context here is ${shortTokens(largest)}: at most **${count(largest * USABLE_CONTEXT_SHARE)} tokens** would fit.`
  );
}

function wayOut({ code, estimate }: RefusalView): string {
  const lines =
    code === "too-large"
      ? [
          "split it into smaller issues, join them with `Blocked by: #n`, and assign each to me",
          "or, if the estimate is wrong, correct it: `/estimate 60000`",
        ]
      : [
          ...(estimate.difficulty === "low"
            ? []
            : ["if it is easier than I think, correct it: `/estimate low` or `/estimate medium`"]),
          "name an agent yourself: `/agent <profile>`",
          "or ask the operator for a profile that can do it, then `/resume`",
        ];
  return ["**Go on with:**", "", ...lines.map((line) => `- ${line}`)].join("\n");
}
