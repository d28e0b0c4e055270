/** Gives a task to the next stronger agent, and tells why. */
import { chooseAgent } from "../assignment/choose-agent.ts";
import type { Task } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { decisionComment } from "../report/decision-comment.ts";
import type { Deps } from "./deps.ts";
import { withComment } from "./park-task.ts";
import { knownGates, readRepositoryRules } from "./repository-rules.ts";
import { requeue } from "./requeue.ts";
import type { Situation } from "./situation.ts";

/** Who hands over, and why: a sentence for people. */
export interface StepUp {
  readonly from: string;
  readonly why: string;
}

/** The task queued for a stronger profile; `undefined` when there is none, or attempts have run out. */
export async function stepUp(
  deps: Deps,
  task: Task,
  { repository }: Situation,
  { from, why }: StepUp,
): Promise<Task | undefined> {
  if (!task.estimate || !repository || task.attempts >= deps.limits.attempts) return undefined;
  const choice = chooseAgent({ estimate: task.estimate, profiles: deps.profiles, atLeast: from });
  if (choice.chosen === undefined) return undefined;
  const handed: Task = { ...task, attemptsWithProfile: 0, outgrown: from };
  const reason = `${why}; ${inlineCode(choice.chosen)} takes over from ${inlineCode(from)}`;
  const queued = requeue(deps, handed, choice.chosen, reason);
  const body = decisionComment({
    estimate: task.estimate,
    candidates: choice.candidates,
    chosen: choice.chosen,
    stepUp: why,
    ...knownGates(await readRepositoryRules(deps, repository)),
    defaultBranch: repository.defaultBranch,
  });
  return withComment(queued, `step-up:${task.sessions.length}:${choice.chosen}`, body);
}
