/**
 * Usage: `/estimate` · `/estimate 60000` · `/estimate 60K` · `/estimate high` · `/estimate 60K high`
 *
 * Shows the estimate with its parts, or corrects tokens, difficulty, or both. A correction outlives edits of the issue.
 */
import type { Overrides } from "../domain/task.ts";
import { parseDifficulty } from "../intake/form-values.ts";
import { inlineCode, truncate } from "../lib/text.ts";
import { count } from "../report/figures.ts";
import { assumptionList, partsSentence, understoodSentence } from "../report/understanding.ts";
import { canChooseAgain, chooseAgain, whenItCounts, withFigures } from "./choose-again.ts";
import { type CommandContext, type CommandOutcome, defineCommand, obeyed, refused, whileOpen } from "./command.ts";

const TOKENS = /^(\d{1,3}(?:[,_]\d{3})+|\d{1,9}(?:\.\d{1,3})?)(k?)$/i;
const TOKENS_PER_K = 1_000;
/** No agent has more context than this; a larger number is a slip. */
const MAX_TOKENS = 10_000_000;
const MAX_SHOWN = 60;

/** The command `/estimate`. */
export const estimate = defineCommand({
  name: "estimate",
  usage: "/estimate [tokens] [low|medium|high]",
  summary: "shows or corrects the estimate",
  run: (context) => (context.args === "" ? show(context) : correct(context)),
});

const correct = whileOpen((context: CommandContext): CommandOutcome => {
  const { task, args, by } = context;
  const figures = figuresFrom(args);
  if (!figures) {
    const said = inlineCode(truncate(args, MAX_SHOWN));
    return refused(task, `I cannot read ${said}. Say \`/estimate 60000\`, \`/estimate 60K\` or \`/estimate high\`.`);
  }
  const corrected = withFigures(task, figures);
  if (!canChooseAgain(task)) return obeyed(corrected, `Noted: ${figureWords(figures)}. ${whenItCounts(task)}`);
  return obeyed(chooseAgain(corrected, `${inlineCode(by.login)} corrected the estimate: ${figureWords(figures)}`));
});

function show({ task }: CommandContext): CommandOutcome {
  const { estimate: known } = task;
  if (!known) return obeyed(task, "There is no estimate yet. Set one with `/estimate 60000` or `/estimate high`.");
  const parts = [`${understoodSentence(known)} ${partsSentence(known)}`, assumptionList(known)];
  const way = "Correct it with `/estimate 60000`, `/estimate high`, or both.";
  return obeyed(task, [...parts, way].filter((part) => part !== "").join("\n\n"));
}

type Figures = Pick<Overrides, "tokens" | "difficulty">;

/** Each word is one figure, and each figure is said once; `60 K` and `60,000 tokens` are read too. */
function figuresFrom(args: string): Figures | undefined {
  const words = args
    .toLowerCase()
    .replaceAll("`", "")
    .replace(/(\d)\s+k\b/g, "$1k")
    .replace(/\btokens?\b/g, "")
    .trim()
    .split(/\s+/);
  const read = words.map(figureFrom);
  const found = read.filter((figure) => figure !== undefined);
  const merged: Figures = Object.assign({}, ...found);
  return found.length === words.length && Object.keys(merged).length === words.length ? merged : undefined;
}

function figureFrom(word: string): Figures | undefined {
  const difficulty = parseDifficulty(word);
  if (difficulty) return { difficulty };
  const [, digits, k] = TOKENS.exec(word) ?? [];
  if (digits === undefined) return undefined;
  const tokens = Math.round(Number(digits.replace(/[,_]/g, "")) * (k ? TOKENS_PER_K : 1));
  return tokens > 0 && tokens <= MAX_TOKENS ? { tokens } : undefined;
}

function figureWords({ tokens, difficulty }: Figures): string {
  return [...(tokens === undefined ? [] : [`${count(tokens)} tokens`]), ...(difficulty ? [difficulty] : [])].join(", ");
}
