/** Gives a task to the next stronger agent, and tells why. */
import { chooseAgent } from "../assignment/choose-agent.ts";
import { enterPhase, type Task } from "../domain/task.ts";
import { stepUpComment } from "../report/step-up-comment.ts";
import type { Deps } from "./deps.ts";
import { withComment } from "./park-task.ts";

/** The task queued for a stronger profile than `profile`; `undefined` when there is none, or attempts have run out. */
export function stepUp(deps: Deps, task: Task, profile: string, instruction: string, why: string): Task | undefined {
  if (!task.estimate || task.attempts >= deps.limits.attempts) return undefined;
  const choice = chooseAgent({ estimate: task.estimate, profiles: deps.profiles, atLeast: profile });
  if (choice.chosen === undefined) return undefined;
  const queued = enterPhase(
    { ...task, attemptsWithProfile: 0 },
    { state: "queued", profile: choice.chosen, instruction, since: deps.clock.now() },
    `stepped up from ${profile} to ${choice.chosen}: ${why}`,
  );
  const body = stepUpComment({ from: profile, to: choice.chosen, why, candidates: choice.candidates, task });
  return withComment(queued, `step-up:${task.sessions.length}:${choice.chosen}`, body);
}
