/** The scoped labels: one for each state that people look for, exclusive by their scope. */
import type { TaskState } from "../domain/task.ts";
import type { LabelDefinition } from "../ports/forge.ts";

const PREFIX = "agent";

const LABELS = {
  queued: { color: "c5def5", description: "Steward has this and waits for an agent" },
  blocked: { color: "d4c5f9", description: "Waits for other issues" },
  working: { color: "fbca04", description: "An agent is at work" },
  verifying: { color: "1d76db", description: "Gates are running" },
  review: { color: "0e8a16", description: "All gates pass; waits for a person's review" },
  "needs-human": { color: "d93f0b", description: "Steward waits for a person" },
  done: { color: "5319e7", description: "Finished" },
} as const;
type LabelName = keyof typeof LABELS;

const LABEL_OF_STATE: Readonly<Record<TaskState, LabelName | undefined>> = {
  reading: "queued",
  blocked: "blocked",
  queued: "queued",
  working: "working",
  verifying: "verifying",
  review: "review",
  parked: "needs-human",
  done: "done",
  cancelled: undefined,
};

/** The label of a state; none when Steward has left the issue. */
export function stateLabel(state: TaskState): string | undefined {
  const name = LABEL_OF_STATE[state];
  return name === undefined ? undefined : `${PREFIX}/${name}`;
}

/** All labels as they are created in a repository. */
export function labelDefinitions(): readonly LabelDefinition[] {
  return Object.entries(LABELS).map(([name, look]) => ({ name: `${PREFIX}/${name}`, ...look }));
}

/** The names of which an issue has at most one. */
export function labelFamily(): readonly string[] {
  return labelDefinitions().map((label) => label.name);
}
