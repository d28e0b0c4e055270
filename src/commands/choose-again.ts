/** Where a new figure or agent makes a difference: before an agent is at work, the choice is made again. */
import { COMMAND_CONFIDENCE } from "../domain/estimate.ts";
import { enterPhase, type Overrides, type ParkCode, type Task } from "../domain/task.ts";

/** Parked because no agent could be chosen: a new choice may be the way out. */
const WAITS_FOR_CHOICE: readonly ParkCode[] = ["too-large", "no-agent", "unclear"];

/** True while the choice of an agent is still ahead, or can be made anew without losing work. */
export function canChooseAgain({ phase }: Task): boolean {
  if (phase.state === "parked") return WAITS_FOR_CHOICE.includes(phase.code);
  return phase.state === "reading" || phase.state === "blocked" || phase.state === "queued";
}

/** The task on its way to another choice, where that is possible; unchanged otherwise. */
export function chooseAgain(task: Task, reason: string): Task {
  return canChooseAgain(task) ? enterPhase(task, { state: "reading" }, reason) : task;
}

/** When what was said counts, for tasks whose choice is behind them. */
export function whenItCounts({ phase }: Task): string {
  if (phase.state !== "parked") return "It counts when an agent is chosen the next time; what runs goes on.";
  return phase.code === "paused"
    ? "It counts when an agent is chosen the next time. Go on with `/resume`."
    : "It counts when an agent is chosen the next time. Go on with `/retry`.";
}

/** The task with figures that a person decided, in what was understood and for every new reading. */
export function withFigures(task: Task, figures: Pick<Overrides, "tokens" | "difficulty">): Task {
  const overrides = { ...task.overrides, ...figures };
  if (!task.estimate) return { ...task, overrides };
  const { parts, ...understood } = task.estimate;
  const estimate = {
    ...understood,
    ...(parts && figures.tokens === undefined && { parts }),
    tokens: figures.tokens ?? understood.tokens,
    difficulty: figures.difficulty ?? understood.difficulty,
    source: "command" as const,
    confidence: COMMAND_CONFIDENCE,
  };
  return { ...task, overrides, estimate };
}
