/**
 * Finds what no webhook told, without asking the forge for more than a round may cost: assigned issues that Steward does not
 * know, and open tasks in turn. A round goes on where the one before it ended, in whichever process that was.
 */
import { type TaskId, taskIdFrom } from "../domain/ids.ts";
import { isOpen } from "../domain/task.ts";
import type { Deps } from "./deps.ts";

/** What one round may cost: pages of assigned issues (a call each) and of open tasks (some calls for each task of them). */
export interface ReconcileBudget {
  readonly assignedPages: number;
  readonly openPages: number;
}

/** One round; returns how many tasks were asked to advance. Stops early when `signal` is aborted. */
export async function reconcile(deps: Deps, budget: ReconcileBudget, signal: AbortSignal): Promise<number> {
  const turn = await deps.store.readTurn();
  const asked = new Set<TaskId>();
  const assigned = await inTurn({ first: turn.assigned, count: budget.assignedPages, signal }, async (page) => {
    const issues = (await deps.forge.listAssigned(page)).map(taskIdFrom);
    for (const id of issues) if (!(await hasItsTurn(deps, id))) asked.add(id);
    return issues.length;
  });
  const open = await inTurn({ first: turn.open, count: budget.openPages, signal }, async (page) => {
    const tasks = await deps.store.listOpen(page);
    for (const id of tasks) asked.add(id);
    return tasks.length;
  });
  for (const id of asked) await deps.queue.requestAdvance(id);
  await deps.store.writeTurn({ assigned, open });
  return asked.size;
}

/** An open task is looked at among the open ones; one that ended may have been assigned again. */
async function hasItsTurn(deps: Deps, id: TaskId): Promise<boolean> {
  const task = await deps.store.read(id);
  return task !== undefined && isOpen(task);
}

interface Pages {
  readonly first: number;
  readonly count: number;
  readonly signal: AbortSignal;
}

/** Looks at pages from the first on, around the end but never twice; returns the one that is next. `look` says how much it held. */
async function inTurn({ first, count, signal }: Pages, look: (page: number) => Promise<number>): Promise<number> {
  let page = first;
  let isAround = false;
  for (let seen = 0; seen < count && !signal.aborted; ) {
    const isEnd = (await look(page)) === 0;
    if (!isEnd) seen += 1;
    page = isEnd ? 1 : page + 1;
    if (isEnd && isAround) return 1;
    isAround ||= isEnd;
    if (isAround && page >= first) return page;
  }
  return page;
}
