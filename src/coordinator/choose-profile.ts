/** Chooses the agent for a task, or says to people why none can do it. */
import { type Choice, chooseAgent } from "../assignment/choose-agent.ts";
import type { Estimate } from "../domain/estimate.ts";
import type { Task } from "../domain/task.ts";
import { decisionComment } from "../report/decision-comment.ts";
import { refusalComment } from "../report/refusal-comment.ts";
import type { Deps } from "./deps.ts";
import { parkTask, withComment } from "./park-task.ts";
import { knownGates, parkForRules, readRepositoryRules } from "./repository-rules.ts";
import { requeue } from "./requeue.ts";
import type { Situation } from "./situation.ts";

/** The task queued for the cheapest capable agent, or parked with the numbers and the way out. */
export async function chooseProfile(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  if (!situation.repository || !task.estimate) return task;
  const rules = await readRepositoryRules(deps, situation.repository);
  if (rules.found !== "rules") return parkForRules(deps, task, rules);
  const choice = choose(deps, task, task.estimate, situation);
  if (choice.chosen === undefined) {
    const tooLarge = choice.candidates.every((candidate) => !candidate.fits);
    const code = tooLarge ? "too-large" : "no-agent";
    const body = refusalComment({ code, estimate: task.estimate, candidates: choice.candidates });
    const detail = tooLarge ? "too large for every agent" : "no agent can do this";
    return parkTask(deps, task, code, detail, body);
  }
  const queued = requeue(deps, task, choice.chosen, "it starts as soon as a slot of this agent is free");
  const body = decisionComment({
    estimate: task.estimate,
    candidates: choice.candidates,
    chosen: choice.chosen,
    ...knownGates(rules),
    defaultBranch: situation.repository.defaultBranch,
    problems: [...(situation.understanding?.problems ?? []), ...(choice.wantedProblem ? [choice.wantedProblem] : [])],
  });
  return withComment(queued, `decision:${task.assignment}:${choice.chosen}:${task.estimate.tokens}`, body);
}

/** Who was stepped up from is not asked again, unless nobody stronger is configured any more. */
function choose(deps: Deps, task: Task, estimate: Estimate, { understanding }: Situation): Choice {
  const wanted = task.overrides.agent ?? understanding?.wantedAgent;
  const request = { estimate, profiles: deps.profiles, ...(wanted === undefined ? {} : { wanted }) };
  const stronger = task.outgrown === undefined ? undefined : chooseAgent({ ...request, atLeast: task.outgrown });
  return stronger?.chosen === undefined ? chooseAgent(request) : stronger;
}
