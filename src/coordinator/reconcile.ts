/** Finds what no webhook told: asks for an advance of everything assigned to the bot and of every open task. */
import { taskIdFrom } from "../domain/ids.ts";
import type { Deps } from "./deps.ts";

/** What one round may cost the forge: pages of assigned issues and open tasks looked at. */
export interface ReconcileBudget {
  readonly assignedPages: number;
  readonly openPages: number;
}

/** One round; returns how many tasks were asked to advance. Stops early when `signal` is aborted. */
export async function reconcile(deps: Deps, budget: ReconcileBudget, signal: AbortSignal): Promise<number> {
  const asked = new Set<string>();
  for (let page = 1; page <= budget.assignedPages && !signal.aborted; page += 1) {
    const issues = await deps.forge.listAssigned(page);
    if (issues.length === 0) break;
    for (const issue of issues) {
      asked.add(taskIdFrom(issue));
      await deps.queue.requestAdvance(taskIdFrom(issue));
    }
  }
  for (let page = 1; page <= budget.openPages && !signal.aborted; page += 1) {
    const tasks = await deps.store.listOpen(page);
    if (tasks.length === 0) break;
    for (const task of tasks.filter((id) => !asked.has(id))) {
      asked.add(task);
      await deps.queue.requestAdvance(task);
    }
  }
  return asked.size;
}
