/** Comments on issues and pull requests: commands may stand in them. An edit is noted with its editor, whom nobody else tells. */
import type { App } from "../app/app.ts";
import type { Deps } from "../coordinator/deps.ts";
import { editKey } from "../coordinator/edit-key.ts";
import { type TaskId, taskIdFrom } from "../domain/ids.ts";
import type { EventPayload } from "../ports/app-event.ts";

/** Asks for an advance of the task that a comment belongs to. */
export function handleIssueComment(app: App, deps: Deps): void {
  app.on(["issue_comment.created", "issue_comment.edited"], async ({ payload }) => {
    const self = await deps.forge.self();
    if (payload.sender.id === self.id) return;
    const task = await taskOf(deps, payload);
    if (task === undefined) return;
    if (payload.action === "edited") await noteEdit(deps, task, payload);
    await deps.queue.requestAdvance(task);
  });
}

async function taskOf(deps: Deps, payload: EventPayload<"issue_comment">): Promise<TaskId | undefined> {
  const id = taskIdFrom({ repository: payload.repository.full_name, number: payload.issue.number });
  if (payload.issue.pull_request) return deps.store.taskOfPull(id);
  return (await deps.store.read(id))?.id;
}

async function noteEdit(deps: Deps, task: TaskId, payload: EventPayload<"issue_comment">): Promise<void> {
  const { comment, changes, issue, sender } = payload;
  await deps.store.announceEdit(task, {
    key: editKey({ ...comment, updatedAt: Date.parse(comment.updated_at) }),
    comment: comment.id,
    thread: issue.number,
    editor: { id: sender.id, login: sender.login },
    before: changes?.body?.from ?? "",
    after: comment.body,
  });
}
