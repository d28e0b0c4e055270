/** Obeys what people wrote: commands with the permission of who wrote them, each exactly once. */

import { newCommands, parseCommands } from "../commands/parse.ts";
import { runCommands } from "../commands/run-commands.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import type { Deps } from "./deps.ts";
import type { Situation } from "./situation.ts";
import type { Unheard } from "./unheard.ts";

/** Announced edits that are remembered as handled; older ones were forgotten by the store long ago. */
const REMEMBERED_EDITS = 50;

/** The task after everything unheard was heard. What was obeyed and the watermark are stored in one write. */
export async function hearComments(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  let heard = task;
  for (const words of situation.unheard) heard = markHeard(await hear(deps, heard, situation, words), words);
  return heard;
}

async function hear(deps: Deps, task: Task, situation: Situation, words: Unheard): Promise<Task> {
  const added =
    words.before === ""
      ? parseCommands(words.after, situation.self.login)
      : newCommands(words.before, words.after, situation.self.login);
  if (added.length === 0) return task;
  const { repository } = issueRefFrom(task.id);
  const permission = words.editorUnknown ? "unknown" : await deps.forge.permissionOf(repository, words.by);
  const { task: obeyed, notices } = runCommands({
    task,
    comment: { id: words.comment, thread: words.thread, body: words.after },
    edit: words.edit,
    added,
    by: words.by,
    permission,
    editorUnknown: words.editorUnknown,
    now: situation.facts.now,
    profiles: deps.profiles,
    limits: deps.limits,
    publicUrl: deps.publicUrl,
  });
  return { ...obeyed, notices: [...obeyed.notices, ...notices] };
}

function markHeard(task: Task, words: Unheard): Task {
  if (words.edit !== undefined)
    return { ...task, handledEdits: [...task.handledEdits, words.edit].slice(-REMEMBERED_EDITS) };
  const key = words.thread === issueRefFrom(task.id).number ? "issueComment" : "pullComment";
  return { ...task, handled: { ...task.handled, [key]: Math.max(task.handled[key], words.comment) } };
}
