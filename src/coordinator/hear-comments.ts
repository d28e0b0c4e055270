/** Hears what people wrote: each word exactly once, in the order in which it was written. */
import { brakeAfter } from "../domain/brake.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import type { WordsHeard } from "../ports/obey.ts";
import { brakeComment } from "../report/brake-comment.ts";
import type { Deps } from "./deps.ts";
import { withComment } from "./park-task.ts";
import type { Situation } from "./situation.ts";

/** Announced edits that are remembered as handled; older ones were forgotten by the store long ago. */
const REMEMBERED_EDITS = 100;

/** The task after everything unheard was heard. What was obeyed and the watermark are stored in one write. */
export async function hearComments(deps: Deps, task: Task, situation: Situation): Promise<Task> {
  let heard = task;
  for (const words of situation.unheard) heard = markHeard(await hear(deps, heard, situation, words), words);
  return heard;
}

async function hear(deps: Deps, task: Task, { self, facts }: Situation, words: WordsHeard): Promise<Task> {
  const { repository } = issueRefFrom(task.id);
  const permission = () => deps.forge.permissionOf(repository, words.by);
  const { task: obeyed, notices } = await deps.obey({
    task,
    words,
    botLogin: self.login,
    head: facts.head,
    issueOpen: facts.issue?.open === true,
    permission,
  });
  return notices.length === 0
    ? obeyed
    : braked(deps, task, words, { ...obeyed, notices: [...obeyed.notices, ...notices] });
}

/** The task as obeyed; as it was, when its writer was heard too often to be a person. */
function braked(deps: Deps, task: Task, { by, comment }: WordsHeard, obeyed: Task): Task {
  const { brake, outcome, until } = brakeAfter(task.brake, by.id, deps.clock.now());
  if (outcome === "obey") return { ...obeyed, brake };
  deps.log.warn({ task: task.id, account: by.login, comment, outcome: "refused" }, "comment braked");
  const kept: Task = { ...task, brake };
  return outcome === "tell" ? withComment(kept, `brake:${by.id}:${brake.since}`, brakeComment(by.login, until)) : kept;
}

function markHeard(task: Task, words: WordsHeard): Task {
  const handledEdits = [...new Set([...task.handledEdits, ...words.covers])].slice(-REMEMBERED_EDITS);
  if (words.edit !== undefined) return { ...task, handledEdits };
  const key = words.thread === issueRefFrom(task.id).number ? "issueComment" : "pullComment";
  const handled = { ...task.handled, [key]: Math.max(task.handled[key], words.comment) };
  return { ...task, handled, handledEdits };
}
