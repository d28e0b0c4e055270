/** The assignment of an external agent, as a comment: branch, what decides that it is done, and how to say so. */
import type { Gate } from "../domain/gate.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import { fence, inlineCode } from "../lib/text.ts";
import { gateList } from "./gate-table.ts";

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
  const { task, user, profile, gates, gatesSource, defaultBranch } = view;
  const branch = inlineCode(task.branch);
  const commands = gates.map(({ name, steps }) => `# ${name}\n${steps.join("\n")}`).join("\n");
  return [
    `### 📮 ${mention(user)}, this is yours`,
    `Please do what issue #${issueRefFrom(task.id).number} asks for and push it to the branch ${branch}. It exists; no other branch is looked at.`,
    `**What decides that it is done:** ${gateList(gates)} on one commit (from ${inlineCode(gatesSource)} on ${inlineCode(defaultBranch)}).`,
    fence(commands, "sh"),
    "**When it is done:** write `/done` here. I run the gates on the branch's head and answer with what is missing, if anything. " +
      "Do not change what the gates run and do not weaken tests: a person would have to accept that.",
    `<sub>Profile ${inlineCode(profile)} · another agent: \`/agent <profile>\` · \`/status\` \`/why\` \`/help\`</sub>`,
  ].join("\n\n");
}

/** Only what can be a login becomes a mention. */
function mention(user: string): string {
  return /^[\w.-]+$/.test(user) ? `@${user}` : inlineCode(user);
}
