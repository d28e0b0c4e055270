/** Obeys one comment: its commands, with the permission of who wrote them. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { Limits } from "../domain/limits.ts";
import type { Clock } from "../lib/clock.ts";
import type { Obey } from "../ports/obey.ts";
import { newCommands, parseCommands } from "./parse.ts";
import { runCommands } from "./run-commands.ts";

/** What obeying needs to know of the instance. */
export interface ObeyDeps {
  readonly profiles: AgentProfiles;
  readonly limits: Limits;
  readonly clock: Clock;
}

/** The obeyer of an instance. */
export function createObey({ clock, ...instance }: ObeyDeps): Obey {
  return async ({ task, words, botLogin, head, issueOpen, permission }) => {
    const { before, after, by, edit, editorUnknown } = words;
    const added = before === "" ? parseCommands(after, botLogin) : newCommands(before, after, botLogin);
    if (added.length === 0) return { task, notices: [] };
    return runCommands({
      task,
      comment: { id: words.comment, thread: words.thread },
      ...(edit === undefined ? {} : { edit }),
      added,
      head,
      issueOpen,
      by,
      permission: editorUnknown ? "unknown" : await permission(),
      editorUnknown,
      now: clock.now(),
      ...instance,
    });
  };
}
