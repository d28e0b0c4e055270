/** Pull requests and pushes to a task's branch: merged, closed, reviewed, or somebody pushed. */
import type { App } from "../app/app.ts";
import type { Deps } from "../coordinator/deps.ts";
import { type RepositoryName, type TaskId, taskIdFrom } from "../domain/ids.ts";

/** Branches of tasks say whose they are. */
const TASK_BRANCH = /^steward\/issue-(\d+)(?:-|$)/;

/** Asks for an advance of the task that a pull request or branch belongs to. */
export function handlePullRequest(app: App, deps: Deps): void {
  app.on(["pull_request", "pull_request_review"], async ({ payload }) => {
    const repository = payload.repository.full_name;
    const pull = taskIdFrom({ repository, number: payload.pull_request.number });
    await wake(
      deps,
      (await deps.store.taskOfPull(pull)) ?? taskOfBranch(repository, payload.pull_request.head.ref),
      payload.sender.id,
    );
  });
  app.on("push", async ({ payload }) => {
    const branch = payload.ref.replace(/^refs\/heads\//, "");
    await wake(deps, taskOfBranch(payload.repository.full_name, branch), payload.sender.id);
  });
}

async function wake(deps: Deps, task: TaskId | undefined, sender: number): Promise<void> {
  const self = await deps.forge.self();
  if (task === undefined || sender === self.id || !(await deps.store.read(task))) return;
  await deps.queue.requestAdvance(task);
}

function taskOfBranch(repository: RepositoryName, branch: string): TaskId | undefined {
  const number = TASK_BRANCH.exec(branch)?.[1];
  return number === undefined ? undefined : taskIdFrom({ repository, number: Number(number) });
}
