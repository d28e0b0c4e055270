/** Chooses the cheapest agent that can do a task, and says of every other why it lost. */
import type { AgentProfile, AgentProfiles } from "../domain/agent-profile.ts";
import { coversDifficulty, DIFFICULTIES, type Difficulty } from "../domain/difficulty.ts";
import type { Estimate } from "../domain/estimate.ts";
import { nearest } from "../lib/nearest.ts";
import { inlineCode, truncate } from "../lib/text.ts";
import { expectedDollars } from "./expected-cost.ts";
import { contextNeeded, fitsContext } from "./fits-context.ts";
import { isStronger } from "./is-stronger.ts";

const MAX_NAME_LENGTH = 64;

/** Why a profile was chosen, or the first reason why not. */
export type CandidateReason =
  | "chosen"
  | "dearer"
  /** Costs the same and can do more, or just came later in the list. */
  | "as cheap, kept for harder work"
  | "as cheap"
  | "context too small"
  | "not able"
  | "not wanted"
  /** Not stronger than the profile that is stepped up from. */
  | "weaker";

/** One row of the decision. */
export interface Candidate {
  readonly profile: string;
  readonly contextLimit: number;
  /** Twice the estimate. */
  readonly contextNeeded: number;
  readonly fits: boolean;
  readonly ability: Difficulty;
  readonly able: boolean;
  readonly expectedDollars: number;
  readonly reason: CandidateReason;
}

/** What the choice rests on. */
export interface ChoiceRequest {
  readonly estimate: Pick<Estimate, "tokens" | "difficulty">;
  readonly profiles: AgentProfiles;
  /** A profile somebody asked for; it wins when it fits, whatever it costs and is trusted with. */
  readonly wanted?: string;
  /** Step up: only profiles stronger than this one. */
  readonly atLeast?: string;
}

/** The decision: who, and how all compare. */
export interface Choice {
  /** Absent: no profile can take it. */
  readonly chosen?: string;
  /** Why the wanted profile was passed over: a sentence. */
  readonly wantedProblem?: string;
  /** All profiles, cheapest first; of equally cheap ones the least able first, so that stronger ones stay free. */
  readonly candidates: readonly Candidate[];
}

/** Compares all profiles. A wanted profile that does not exist, does not fit or is not stronger is passed over. */
export function chooseAgent(request: ChoiceRequest): Choice {
  const rows = Object.entries(request.profiles)
    .map(([name, profile]) => rowFor(name, profile, request))
    .sort((a, b) => a.expectedDollars - b.expectedDollars || strength(a) - strength(b));
  const wanted = rows.find((row) => isNamed(row, request.wanted) && row.fits && row.isStronger);
  const chosen = wanted ?? rows.find((row) => row.isStronger && row.fits && row.able);
  const candidates = rows.map(({ isStronger: stronger, ...row }) => ({
    ...row,
    reason:
      row.profile === chosen?.profile
        ? ("chosen" as const)
        : lossOf({ ...row, stronger }, chosen, wanted !== undefined),
  }));
  const wantedProblem =
    wanted || request.wanted === undefined ? undefined : sayPassedOver(request.wanted, request, rows);
  return {
    ...(chosen && { chosen: chosen.profile }),
    ...(wantedProblem !== undefined && { wantedProblem }),
    candidates,
  };
}

function strength(row: Row): number {
  return DIFFICULTIES.indexOf(row.ability);
}

type Row = Omit<Candidate, "reason"> & { readonly isStronger: boolean };

function rowFor(name: string, profile: AgentProfile, { estimate, profiles, atLeast }: ChoiceRequest): Row {
  const from = atLeast !== undefined && Object.hasOwn(profiles, atLeast) ? profiles[atLeast] : undefined;
  return {
    profile: name,
    contextLimit: profile.context,
    contextNeeded: contextNeeded(estimate.tokens),
    fits: fitsContext(estimate.tokens, profile.context),
    ability: profile.difficulty,
    able: coversDifficulty(profile.difficulty, estimate.difficulty),
    expectedDollars: expectedDollars(estimate.tokens, profile.price),
    isStronger: from === undefined || isStronger(profile, from),
  };
}

function lossOf(
  row: Omit<Candidate, "reason"> & { readonly stronger: boolean },
  chosen: Row | undefined,
  isAnotherWanted: boolean,
): CandidateReason {
  if (!row.stronger) return "weaker";
  if (!row.fits) return "context too small";
  if (!row.able) return "not able";
  if (isAnotherWanted) return "not wanted";
  if (row.expectedDollars !== chosen?.expectedDollars) return "dearer";
  return row.ability === chosen.ability ? "as cheap" : "as cheap, kept for harder work";
}

function sayPassedOver(wanted: string, { profiles, atLeast }: ChoiceRequest, rows: readonly Row[]): string {
  const name = inlineCode(truncate(wanted, MAX_NAME_LENGTH));
  const row = rows.find((candidate) => isNamed(candidate, wanted));
  if (!row) {
    const near = nearest(wanted, Object.keys(profiles));
    const hint = near === undefined ? "" : `; the nearest is ${inlineCode(near)}`;
    return `${name} is asked for, but there is no such agent profile${hint}.`;
  }
  if (!row.isStronger) return `${name} is asked for, but is not stronger than ${inlineCode(atLeast ?? "")}.`;
  const figures = `${format(row.contextLimit)} tokens of context, and this needs ${format(row.contextNeeded)}`;
  return `${name} is asked for, but has ${figures}.`;
}

function isNamed(row: Row, name: string | undefined): boolean {
  return row.profile.toLowerCase() === name?.toLowerCase();
}

function format(tokens: number): string {
  return tokens.toLocaleString("en-US");
}
