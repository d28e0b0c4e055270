/** A person took the label `agent/needs-human` away: that says what a command would say, with the same permission. */
import { issueRefFrom } from "../domain/ids.ts";
import type { ParkCode, Task } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import type { Deps } from "./deps.ts";
import type { Situation } from "./situation.ts";

/** Where going on without fresh attempts would end at once. */
const NEEDS_ATTEMPTS: readonly ParkCode[] = ["attempts", "no-work"];

/** The task as after `/resume` or `/retry`; where that is refused it stays, and the label comes back with the reason. */
export async function releaseTask(deps: Deps, task: Task, { release, self, facts }: Situation): Promise<Task> {
  if (!release || task.phase.state !== "parked") return task;
  const { repository, number } = issueRefFrom(task.id);
  const after = NEEDS_ATTEMPTS.includes(task.phase.code) ? "/retry" : "/resume";
  const { id: comment, by } = release;
  const { task: obeyed, notices } = await deps.obey({
    task,
    words: { comment, thread: number, by, before: "", after, edit: undefined, covers: [], editorUnknown: false },
    botLogin: self.login,
    head: facts.head,
    issueOpen: facts.issue?.open === true,
    permission: () => deps.forge.permissionOf(repository, by),
  });
  const isReleased = obeyed.phase.state !== "parked";
  return {
    ...obeyed,
    handled: { ...obeyed.handled, release: release.id },
    ...(isReleased && { reason: `${inlineCode(by.login)} took the label away` }),
    // Nobody can react to what is no comment.
    notices: [...obeyed.notices, ...notices.filter(({ kind }) => kind === "comment")],
    unpublished: true,
  };
}
