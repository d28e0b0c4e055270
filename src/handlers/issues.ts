/** Issues: assigned, unassigned, edited, closed, reopened, labelled. All say the same: look at the task again. */
import type { App } from "../app/app.ts";
import type { Deps } from "../coordinator/deps.ts";
import { wakeDependents } from "../coordinator/unblock-dependents.ts";
import { taskIdFrom } from "../domain/ids.ts";

/** Asks for an advance of the issue's task, and of what waits for the issue when it opens or closes. */
export function handleIssues(app: App, deps: Deps): void {
  app.on("issues", async ({ payload }) => {
    const self = await deps.forge.self();
    const id = taskIdFrom({ repository: payload.repository.full_name, number: payload.issue.number });
    const assigned = payload.issue.assignees.some((assignee) => assignee.id === self.id);
    const mayMatter = assigned || payload.action === "unassigned" || (await deps.store.read(id)) !== undefined;
    if (mayMatter && payload.sender.id !== self.id) await deps.queue.requestAdvance(id);
    if (["closed", "reopened", "deleted"].includes(payload.action)) await wakeDependents(deps, id);
  });
}
