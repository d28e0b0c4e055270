/** The questions to the author when an issue was understood too little to start. */
import type { Estimate } from "../domain/estimate.ts";
import { plainLine, truncate } from "../lib/text.ts";
import { assumptionList, understoodSentence } from "./understanding.ts";

const MAX_QUESTIONS = 10;
const MAX_QUESTION = 300;
/** Asked when nobody prepared better ones. */
const STANDARD_QUESTIONS = [
  "What should be different when this is done, and how can one see it?",
  "Which files or parts of the program does it touch?",
  "How hard is it: low, medium or high?",
];

/** Everything the questions comment is made of. */
export interface QuestionsView {
  readonly estimate: Estimate;
  readonly questions?: readonly string[] | undefined;
}

/** The comment's text, without its key line. */
export function questionsComment({ estimate, questions = [] }: QuestionsView): string {
  const asked = questions.length === 0 ? STANDARD_QUESTIONS : questions.slice(0, MAX_QUESTIONS);
  return [
    "### ❓ I do not understand this well enough to start",
    `**What I understood.** ${understoodSentence(estimate)}`,
    assumptionList(estimate),
    ["**Please say:**", "", ...asked.map((question) => `1. ${plainLine(truncate(question, MAX_QUESTION))}`)].join("\n"),
    "**Go on with:** edit the issue's text and I read it again · `/estimate 40000 medium` if you know the size · `/resume` to start with the assumptions.",
    "<sub>`/estimate` `/why` `/help`</sub>",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}
