/** What no webhook told is found in rounds that go on where the last one ended, and cost no more than their budget. */
import { expect, test } from "vitest";
import { reconcile } from "../../src/coordinator/reconcile.ts";
import { type TaskId, taskIdFrom } from "../../src/domain/ids.ts";
import { createMemoryTaskStore } from "../../src/queue/memory-task-store.ts";
import { createWorld } from "../support/coordinator-world.ts";
import { taskWith } from "../support/sample-task.ts";

test("every assigned issue that is not known and every open task has its turn, and none is looked at twice before", async () => {
  await using world = await createWorld();
  const store = createMemoryTaskStore();
  const asked: TaskId[] = [];
  const queue = { ...world.deps.queue, requestAdvance: async (task: TaskId) => void asked.push(task) };
  const deps = { ...world.deps, store, queue };
  const round = async () => {
    asked.length = 0;
    await reconcile(deps, { assignedPages: 1, openPages: 1 }, new AbortController().signal);
    return [...asked];
  };
  const ids: TaskId[] = [];
  for (let nth = 0; nth < 250; nth += 1) ids.push(taskIdFrom(await world.openIssue("Please.", `${nth}`)));
  // 60 are assigned: 30 that nobody knows, 29 that are at work, and one that was done and is assigned again.
  for (let nth = 1; nth <= 60; nth += 1)
    await world.acts.setAssignees({ repository: world.repository, number: nth }, "alice", ["steward"]);
  for (const [nth, id] of ids.entries()) {
    if (nth < 30) continue;
    const phase =
      nth === 59
        ? ({ state: "done", detail: "" } as const)
        : ({ state: "parked", code: "paused", detail: "", since: 0 } as const);
    await store.write(taskWith({ id, version: 0, createdAt: nth, phase }));
  }
  const rounds = [await round(), await round(), await round(), await round()];
  expect(rounds.map(({ length }) => length)).toEqual([130, 101, 49, 101]);
  const once = rounds
    .slice(0, 2)
    .flat()
    .concat(rounds[2] ?? []);
  expect(new Set(once)).toEqual(new Set(ids));
});
