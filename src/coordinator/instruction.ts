/**
 * What a session is told to do now, gathered when it begins from what lasts: how the one before it ended, the reviews that are
 * open, and the verdict that was a rejection. So a pause, an edit of the issue or a lost session loses none of it.
 */
import { continuationPrompt } from "../continuation/continuation-prompt.ts";
import { reviewPrompt } from "../continuation/review-prompt.ts";
import type { Gate } from "../domain/gate.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import type { Verdict } from "../domain/verdict.ts";
import type { Repository, Review } from "../ports/forge.ts";
import type { Deps } from "./deps.ts";
import { knownGates, readRepositoryRules } from "./repository-rules.ts";

/** For whom it is gathered, and the reviews that are open. */
export interface InstructionView {
  readonly repository: Repository;
  readonly profile: string;
  readonly reviews: readonly Review[];
}

/** The instruction of a session of `profile`; empty where nothing happened before. */
export async function instructionFor(
  deps: Deps,
  task: Task,
  { repository, profile, reviews }: InstructionView,
): Promise<string> {
  const continuation = await openContinuation(deps, task, repository, profile);
  return [task.lastEnd ?? "", continuation, ...reviews.map(reviewPrompt)].filter((part) => part !== "").join("\n\n");
}

/** Those of the task's open reviews that still ask for changes: one that was dismissed asks for nothing. */
export async function readOpenReviews(deps: Deps, { id, pull, reviews }: Task): Promise<readonly Review[]> {
  if (reviews === undefined || pull === undefined) return [];
  const all = await deps.forge.listReviews(issueRefFrom(id).repository, pull);
  return all.filter((review) => reviews.ids.includes(review.id) && review.state === "changes-requested");
}

/** A rejection stays open until the gates have judged another commit, however often the work on it was begun anew. */
async function openContinuation(deps: Deps, task: Task, repository: Repository, profile: string): Promise<string> {
  const { verdict } = task;
  if (verdict?.outcome !== "rejected") return "";
  const { gates } = knownGates(await readRepositoryRules(deps, repository));
  return continuationFor(deps, task, { verdict, profile, gates, source: repository.defaultBranch });
}

/** The continuation after `verdict`, whose rejection is counted already. */
export function continuationFor(
  { limits, publicUrl }: Deps,
  { attempts }: Task,
  rejection: {
    readonly verdict: Verdict;
    readonly profile: string;
    readonly gates: readonly Gate[];
    readonly source: string;
  },
): string {
  return continuationPrompt({ ...rejection, attempt: attempts + 1, limits, publicUrl });
}
