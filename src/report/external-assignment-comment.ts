/** The assignment of an external agent, as a comment: branch, what decides that it is done, and how to say so. */
import type { Gate } from "../domain/gate.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import { fence, inlineCode } from "../lib/text.ts";
import { decidingGates } from "./gate-table.ts";

/** Everything the assignment is made of. */
export interface ExternalAssignmentView {
  readonly task: Task;
  /** Login of the account, from the profile. */
  readonly user: string;
  readonly profile: string;
  readonly gates: readonly Gate[];
  readonly gatesSource: string;
  readonly defaultBranch: string;
}

/** The comment's text, without its key line. */
export function externalAssignmentComment(view: ExternalAssignmentView): string {
  const { task, user, profile, gates } = view;
  const issue = `issue #${issueRefFrom(task.id).number}`;
  return [
    `### 📮 ${mention(user)}, ${task.verdict?.outcome === "rejected" || task.reviews ? "please go on" : "this is yours"}`,
    `Please do what ${issue} asks for and push it to the branch ${inlineCode(task.branch)}. It exists already.`,
    task.reviews && task.pull !== undefined ? `**A review of #${task.pull} asks for changes:** please make them.` : "",
    decidingGates(view),
    commands(gates),
    "**When it is done:** write `/done` here. I run the gates on the branch's head and answer with what is missing, if anything. " +
      "Do not change what the gates run and do not weaken tests: a person would have to accept that.",
    `<sub>Profile ${inlineCode(profile)} · another agent: \`/agent <profile>\` · \`/status\` \`/why\` \`/help\`</sub>`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function commands(gates: readonly Gate[]): string {
  if (gates.length === 0) return "";
  return fence(gates.map(({ name, steps }) => `# ${name}\n${steps.join("\n")}`).join("\n"), "sh");
}

/** Only what can be a login becomes a mention. */
function mention(user: string): string {
  return /^[\w.-]+$/.test(user) ? `@${user}` : inlineCode(user);
}
