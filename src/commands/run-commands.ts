/** Runs the commands of one comment in order: the changed task, one reaction, and at most one reply. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import { commentKeyLine } from "../domain/comment-key.ts";
import type { Sha } from "../domain/ids.ts";
import type { Limits } from "../domain/limits.ts";
import type { Notice, Task } from "../domain/task.ts";
import { inlineCode, truncate } from "../lib/text.ts";
import type { Permission } from "../ports/forge.ts";
import { type CommandOutcome, refused } from "./command.ts";
import type { ParsedCommand } from "./parse.ts";
import { permitFor } from "./permission.ts";
import { findCommand, helpText, nearestCommand } from "./registry.ts";

const MAX_SHOWN = 40;

/** The commands of one comment, and who wrote them. */
export interface CommandsRequest {
  readonly task: Task;
  readonly comment: { readonly id: number; readonly thread: number };
  /** Key of the edit that added the commands; absent for a new comment. */
  readonly edit?: string | undefined;
  readonly added: readonly ParsedCommand[];
  readonly by: { readonly id: number; readonly login: string };
  readonly permission: Permission;
  /** The head of the task's branch, where there is one. */
  readonly head: Sha | undefined;
  readonly issueOpen: boolean;
  /** The comment was changed after it was written, and nobody told by whom. */
  readonly editorUnknown?: boolean | undefined;
  readonly now: number;
  readonly profiles: AgentProfiles;
  readonly limits: Limits;
}

/** The task after them, and what is to be posted; `task.notices` is left as it was. */
export interface CommandsOutcome {
  readonly task: Task;
  readonly notices: readonly Notice[];
}

interface Answer {
  readonly command: ParsedCommand;
  readonly outcome: CommandOutcome;
  readonly permitted: boolean;
}

/** Applies all commands in the order in which they were written; a refused one does not stop the next. */
export function runCommands(request: CommandsRequest): CommandsOutcome {
  let { task } = request;
  const answers = request.added.map((command): Answer => {
    const answer = runCommand({ ...request, task }, command);
    task = answer.outcome.task;
    return answer;
  });
  return { task, notices: noticesFor(request, answers) };
}

function runCommand(request: CommandsRequest, command: ParsedCommand): Answer {
  const { task, permission, editorUnknown = false, by, profiles } = request;
  const permit = permitFor({ command: command.name, task, by, permission, editorUnknown, profiles });
  if (permit.answer !== "allowed") return { command, outcome: refused(task, permit.sentence), permitted: false };
  const known = findCommand(command.name);
  const outcome = known
    ? known.run({ ...request, args: command.args, help: helpText })
    : refused(task, unknownCommand(command.name));
  return { command, outcome, permitted: true };
}

function unknownCommand(name: string): string {
  const meant = nearestCommand(name);
  const guess = meant === undefined ? "" : ` Did you mean \`/${meant}\`?`;
  return `I do not know ${inlineCode(`/${truncate(name, MAX_SHOWN)}`)}.${guess} \`/help\` lists what I can do.`;
}

function noticesFor(request: CommandsRequest, answers: readonly Answer[]): readonly Notice[] {
  if (answers.length === 0) return [];
  const content = answers.every(({ outcome }) => outcome.accepted) ? "rocket" : "confused";
  const reaction: Notice = { kind: "reaction", comment: request.comment.id, content };
  const text = replyText(answers);
  if (text === "") return [reaction];
  const key = replyKey(request);
  const body = `${commentKeyLine(key)}\n${text}`;
  return [reaction, { kind: "comment", key, thread: request.comment.thread, body }];
}

/** The same sentence is said once; where several commands are answered each answer names its command. */
function replyText(answers: readonly Answer[]): string {
  const spoken = answers.filter(({ outcome }) => outcome.reply !== undefined);
  const texts = [...new Set(spoken.map(({ outcome }) => outcome.reply ?? ""))];
  if (texts.length <= 1 || answers.every(({ permitted }) => !permitted)) return texts[0] ?? "";
  return texts
    .map((text) => {
      const names = spoken.filter(({ outcome }) => outcome.reply === text).map(({ command }) => nameOf(command));
      return `**${[...new Set(names)].join(" ")}**\n\n${text}`;
    })
    .join("\n\n");
}

function nameOf({ name }: ParsedCommand): string {
  return inlineCode(`/${truncate(name, MAX_SHOWN)}`);
}

/** One reply for a comment, and one for each edit of it; made again it is the same. */
function replyKey({ comment, edit }: CommandsRequest): string {
  return edit === undefined ? `reply:${comment.id}` : `reply:${comment.id}:${edit.replace(/[^\w.:-]/g, "-")}`;
}
