/** What was understood of an issue and what was assumed, in words. */
import {
  BUFFER_PERCENT,
  type Estimate,
  type EstimateSource,
  LOWEST_CONFIDENCE,
  SURE_CONFIDENCE,
  TOKENS_PER_FILE,
} from "../domain/estimate.ts";
import { plainLine, truncate } from "../lib/text.ts";
import { count, percent, plural } from "./figures.ts";

const MAX_SENTENCES = 10;
const MAX_SENTENCE = 300;

const SOURCE_WORDS: Readonly<Record<EstimateSource, string>> = {
  command: "from your command",
  form: "from the issue's form",
  labels: "from the issue's labels",
  content: "read from the issue's text",
  defaults: "defaults: the issue states no figures",
};

/** One sentence: files, difficulty, tests, tokens, confidence, source. */
export function understoodSentence(estimate: Estimate): string {
  const { parts, difficulty, tokens, confidence, source } = estimate;
  const work = [
    ...(parts ? [plural(parts.files, "file")] : []),
    difficulty,
    ...(parts && parts.testTokens > 0 ? ["tests needed"] : []),
    ...(parts && parts.documentationTokens > 0 ? ["documentation needed"] : []),
  ];
  const sure = `${confidenceWord(confidence)} confidence, ${percent(confidence)}`;
  return `${capitalised(work.join(", "))}: about **${count(tokens)} tokens** of context (${sure}; ${SOURCE_WORDS[source]}).`;
}

/** The parts the formula added up, for those who wonder. */
export function partsSentence({ parts, source }: Estimate): string {
  if (!parts) return `It has no parts: it comes ${SOURCE_WORDS[source]}.`;
  const { files, complexityTokens, testTokens, documentationTokens } = parts;
  return (
    `Parts: ${plural(files, "file")} × ${count(TOKENS_PER_FILE)} + complexity ${count(complexityTokens)} + tests ${count(testTokens)} ` +
    `+ documentation ${count(documentationTokens)}, all × ${1 + BUFFER_PERCENT / 100}.`
  );
}

/** What is wrong with the form; empty text when nothing is. */
export function problemList(problems: readonly string[]): string {
  return problems.length === 0 ? "" : ["⚠️ **The issue's form:**", "", ...boundedList(problems)].join("\n");
}

/** The assumptions as a list under a heading that warns when confidence is low; empty text without any. */
export function assumptionList({ assumptions, confidence }: Estimate): string {
  if (assumptions.length === 0) return "";
  const heading = confidence < SURE_CONFIDENCE ? "⚠️ **What I assumed** (please check):" : "**What I assumed:**";
  return [heading, "", ...boundedList(assumptions)].join("\n");
}

function boundedList(sentences: readonly string[]): readonly string[] {
  const shown = sentences.slice(0, MAX_SENTENCES).map((line) => `- ${plainLine(truncate(line, MAX_SENTENCE))}`);
  const rest = sentences.length - shown.length;
  return rest > 0 ? [...shown, `- and ${rest} more`] : shown;
}

function confidenceWord(confidence: number): string {
  if (confidence >= SURE_CONFIDENCE) return "high";
  return confidence >= LOWEST_CONFIDENCE ? "some" : "low";
}

function capitalised(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
