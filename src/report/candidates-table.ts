/** The table of candidates: every profile, what it can do, what it would cost, and why it was chosen or not. */
import type { Difficulty } from "../domain/difficulty.ts";
import { inlineCode, plainLine, tableCell, truncate } from "../lib/text.ts";
import { dollars, shortTokens } from "./figures.ts";

const MAX_REASON = 160;

/** One profile as it was weighed. */
export interface Candidate {
  readonly profile: string;
  readonly contextLimit: number;
  readonly contextNeeded: number;
  readonly fits: boolean;
  readonly ability: Difficulty;
  readonly able: boolean;
  /** Expected cost of an accepted issue. */
  readonly expectedDollars: number;
  /** Why it was chosen, or why not, in words. */
  readonly reason: string;
}

/** The table; the chosen profile, if any, stands out. */
export function candidatesTable(candidates: readonly Candidate[], chosen?: string): string {
  return [
    "| candidate | context | can do | expected cost | |",
    "|:--|--:|:--|--:|:--|",
    ...candidates.map((candidate) => candidateRow(candidate, candidate.profile === chosen)),
  ].join("\n");
}

function candidateRow(candidate: Candidate, isChosen: boolean): string {
  const { contextLimit, contextNeeded, fits, ability, able } = candidate;
  const stress = (text: string) => (isChosen ? `**${text}**` : text);
  const comparison = `${shortTokens(contextLimit)} ${fits ? "≥" : "<"} ${shortTokens(contextNeeded)}`;
  const skill = able ? `${ability} ✓` : `**${ability} only** ✗`;
  const reason = plainLine(truncate(candidate.reason, MAX_REASON));
  const cells = [
    stress(inlineCode(candidate.profile)),
    `${comparison} ${fits ? "✓" : "✗"}`,
    skill,
    stress(dollars(candidate.expectedDollars)),
    stress(reason),
  ];
  return `| ${cells.map(tableCell).join(" | ")} |`;
}
