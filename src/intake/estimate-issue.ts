/** Estimates an issue from the best there is: command, form, labels, content, defaults. */
import type { Difficulty } from "../domain/difficulty.ts";
import { COMMAND_CONFIDENCE, type Estimate, SURE_CONFIDENCE } from "../domain/estimate.ts";
import type { Overrides } from "../domain/task.ts";
import { type Assumption, assume } from "./assumption.ts";
import type { ContentGuess } from "./content-heuristics.ts";
import { estimateForm, type FormEstimate } from "./estimate-form.ts";
import { type EstimateLevels, estimateTokens, partsFromLevels } from "./estimate-tokens.ts";
import type { LabelReading } from "./read-labels.ts";
import type { IssueMetadata } from "./read-metadata.ts";
import { LEVELS_BY_SIZE } from "./sizes.ts";

/** Everything that was read of an issue, before it is weighed. */
export interface Reading {
  readonly metadata: IssueMetadata;
  readonly labels: LabelReading;
  readonly guess: ContentGuess;
  readonly overrides: Overrides;
}

/** An estimate with what is wrong with its form and what only the author can say. */
export interface Estimated {
  readonly estimate: Estimate;
  readonly problems: readonly string[];
  readonly questions: readonly string[];
}

const LABELS_CONFIDENCE = 50;
const CONTENT_CONFIDENCE = 40;
const GARBAGE_CONFIDENCE = 20;
/** A form with this many slips and nothing that can be read says nothing. */
const GARBAGE_SLIPS = 2;
/** What a missing difficulty costs in confidence, in percent, down to what a form is worth. */
const MISSING_DIFFICULTY_WEIGHT = 15;

const GARBAGE_QUESTIONS: readonly string[] = [
  "How much context does this need? Answer with `/estimate 60000` or another number of tokens.",
  "How hard is it? Answer with `/estimate low`, `/estimate medium` or `/estimate high`.",
];

/** The estimate; what people decided by command replaces its part of it and settles all questions. */
export function estimateIssue(reading: Reading): Estimated {
  const { overrides } = reading;
  const read = estimateFrom(reading);
  const isCorrected = overrides.tokens !== undefined || overrides.difficulty !== undefined;
  const settled: Record<Assumption["about"], boolean> = {
    size: overrides.tokens !== undefined,
    difficulty: overrides.difficulty !== undefined,
    agent: (overrides.agent ?? reading.labels.agent ?? reading.metadata.agent) !== undefined,
  };
  const { parts, ...figures } = read.figures;
  const estimate: Estimate = {
    ...figures,
    ...(parts === undefined || settled.size ? {} : { parts }),
    ...(overrides.tokens === undefined ? {} : { tokens: overrides.tokens }),
    ...(isCorrected ? { source: "command", confidence: COMMAND_CONFIDENCE } : {}),
    assumptions: read.assumptions.filter(({ about }) => !settled[about]).map(({ text }) => text),
  };
  return { estimate, problems: read.problems, questions: isCorrected ? [] : read.questions };
}

interface Weighed {
  readonly figures: Pick<Estimate, "tokens" | "parts" | "difficulty" | "source" | "confidence">;
  readonly assumptions: readonly Assumption[];
  readonly problems: readonly string[];
  readonly questions: readonly string[];
}

function estimateFrom(reading: Reading): Weighed {
  const { metadata, labels, guess, overrides } = reading;
  const stated = overrides.difficulty ?? metadata.difficulty ?? labels.difficulty;
  const difficulty = stated ?? guess.difficulty ?? "medium";
  const levels = fallbackLevels(reading, difficulty);
  const form = estimateForm(metadata, levels);
  const unsure = stated === undefined ? [difficultyAssumption(difficulty, guess)] : [];
  return form ? fromForm(form, difficulty, unsure) : fromHints(reading, levels, difficulty, unsure);
}

/** What stands in for parts that nobody stated. */
function fallbackLevels({ labels, guess }: Reading, difficulty: Difficulty): EstimateLevels {
  if (labels.size) return LEVELS_BY_SIZE[labels.size];
  return { ...LEVELS_BY_SIZE.M, files: guess.files, complexity: difficulty };
}

function fromForm(form: FormEstimate, difficulty: Difficulty, unsure: readonly Assumption[]): Weighed {
  const { tokens, parts, problems, questions } = form;
  const lowered = Math.max(SURE_CONFIDENCE, form.confidence - MISSING_DIFFICULTY_WEIGHT);
  const confidence = unsure.length === 0 || questions.length > 0 ? form.confidence : lowered;
  const assumptions = [...form.assumptions, ...unsure];
  return { figures: { tokens, parts, difficulty, source: "form", confidence }, assumptions, problems, questions };
}

function fromHints(
  reading: Reading,
  levels: EstimateLevels,
  difficulty: Difficulty,
  unsure: readonly Assumption[],
): Weighed {
  const isGarbage = isGarbled(reading);
  const assumptions = [
    ...(reading.labels.size ? [] : [sizeAssumption(levels, reading.guess)]),
    ...unsure,
    assume("agent", "Any agent that can do it may have it", "none is asked for"),
  ];
  return {
    figures: {
      tokens: estimateTokens(levels),
      parts: partsFromLevels(levels),
      difficulty,
      ...sourceOf(reading, isGarbage),
    },
    assumptions,
    problems: [],
    questions: isGarbage ? GARBAGE_QUESTIONS : [],
  };
}

function sourceOf({ metadata, labels, guess }: Reading, isGarbage: boolean): Pick<Estimate, "source" | "confidence"> {
  if (isGarbage) return { source: "form", confidence: GARBAGE_CONFIDENCE };
  if (metadata.difficulty) return { source: "form", confidence: SURE_CONFIDENCE };
  if (labels.difficulty || labels.size) return { source: "labels", confidence: LABELS_CONFIDENCE };
  const hasHint = guess.difficulty !== undefined || guess.filesFrom === "named";
  return { source: hasHint ? "content" : "defaults", confidence: CONTENT_CONFIDENCE };
}

function isGarbled({ metadata, labels }: Reading): boolean {
  const hasHint = (metadata.difficulty ?? labels.difficulty ?? labels.size) !== undefined;
  return metadata.unreadable >= GARBAGE_SLIPS && !hasHint;
}

function difficultyAssumption(difficulty: Difficulty, guess: ContentGuess): Assumption {
  return assume(
    "difficulty",
    `Difficulty: ${difficulty}`,
    guess.difficulty ? "the title suggests it" : "nothing says more",
  );
}

function sizeAssumption(levels: EstimateLevels, guess: ContentGuess): Assumption {
  const files = `${levels.files} ${levels.files === 1 ? "file" : "files"}`;
  const what = `Size: ${files}, ${levels.complexity} complexity, ${levels.tests} tests, ${levels.documentation} documentation`;
  return assume("size", what, guess.filesFrom === "named" ? "the text names that many files" : "nothing says more");
}
