/** What a command is: its name, who may use it, and what it does to a task. Pure: the caller stores and publishes. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { Sha } from "../domain/ids.ts";
import type { Limits } from "../domain/limits.ts";
import type { Task } from "../domain/task.ts";

/** Everything a command may look at. */
export interface CommandContext {
  readonly task: Task;
  /** The rest of the command's line. */
  readonly args: string;
  readonly by: { readonly id: number; readonly login: string };
  readonly now: number;
  /** The head of the task's branch, where there is one. */
  readonly head: Sha | undefined;
  /** False where the forge closed the issue of a task that is not over. */
  readonly issueOpen: boolean;
  readonly profiles: AgentProfiles;
  readonly limits: Limits;
  /** The table of all commands. */
  help(): string;
}

/** What came of it. */
export interface CommandOutcome {
  readonly task: Task;
  /** What is answered, ending with the way on; absent: the reaction says enough. */
  readonly reply?: string;
  readonly accepted: boolean;
}

/** One command. */
export interface Command {
  readonly name: string;
  /** As it is written, with its arguments. */
  readonly usage: string;
  /** One line for the table. */
  readonly summary: string;
  run(context: CommandContext): CommandOutcome;
}

/**
 * Defines a command.
 *
 * @example
 * export const ping = defineCommand({
 *   name: "ping",
 *   usage: "/ping",
 *   summary: "answers",
 *   run: ({ task }) => obeyed(task, "Pong. `/help` lists what I can do."),
 * });
 */
export function defineCommand(command: Command): Command {
  return command;
}

/** The command was obeyed. */
export function obeyed(task: Task, reply?: string): CommandOutcome {
  return reply === undefined ? { task, accepted: true } : { task, accepted: true, reply };
}

/** The command was refused; the sentence says why and how to go on. */
export function refused(task: Task, reply: string): CommandOutcome {
  return { task, accepted: false, reply };
}

/** A command that only makes sense for a task that is not over. */
export function whileOpen(
  run: (context: CommandContext) => CommandOutcome,
): (context: CommandContext) => CommandOutcome {
  return (context) => {
    const { state } = context.task.phase;
    if (state !== "done" && state !== "cancelled") return run(context);
    const what = state === "done" ? "This is done" : "This was stopped";
    return refused(context.task, `${what}. Unassign me and assign me again to start anew; the history stays.`);
  };
}
