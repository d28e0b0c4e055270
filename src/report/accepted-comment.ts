/** The finished comment: accepted on one commit, what it cost, and what a person does next. */
import type { Task } from "../domain/task.ts";
import type { Verdict } from "../domain/verdict.ts";
import { inlineCode } from "../lib/text.ts";
import { plural } from "./figures.ts";
import { gateTable, rowsFromResults } from "./gate-table.ts";
import { integrityTable } from "./integrity-list.ts";
import { commitLink } from "./links.ts";
import { costSentence } from "./sessions-table.ts";

/** Everything the finished comment is made of. */
export interface AcceptedView {
  readonly task: Task;
  readonly verdict: Verdict;
  readonly publicUrl: string;
  readonly repositoryUrl: string;
}

/** The comment's text, without its key line. */
export function acceptedComment({ task, verdict, publicUrl, repositoryUrl }: AcceptedView): string {
  const pull = task.pull === undefined ? `the branch ${inlineCode(task.branch)}` : `#${task.pull}`;
  return [
    `### ✅ Ready for your review: ${allGates(verdict)} on ${commitLink(repositoryUrl, verdict.sha)}`,
    `${sentenceStart(pull)} waits for you. It took ${costSentence(task.sessions)}.`,
    gateTable(rowsFromResults(verdict.results), publicUrl),
    integrityPart(verdict),
    `**What is left for you:** review ${pull} and merge it. Ask for changes in a review and I go on; push a commit and I check it again.`,
    "<sub>Check again without earlier results: `/retest` · stop: `/cancel` · `/why` `/help`</sub>",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function allGates({ results }: Verdict): string {
  return results.length === 1 ? "the only gate passes" : `all ${plural(results.length, "gate")} pass`;
}

function sentenceStart(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** Where the repository only reports such changes, or a person accepted them, they are still named. */
function integrityPart({ integrity }: Verdict): string {
  if (integrity.length === 0) return "";
  return `**Please look at these when you review:** what the branch changed of its gates and tests.\n\n${integrityTable(integrity)}`;
}
