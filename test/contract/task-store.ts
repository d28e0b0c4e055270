/** What every task store does, whatever it keeps documents in. */
import { expect, test } from "vitest";
import { TaskId } from "../../src/domain/ids.ts";
import type { Task } from "../../src/domain/task.ts";
import type { TaskStore } from "../../src/ports/task-store.ts";
import { taskWith } from "../support/sample-task.ts";

const ID = TaskId.parse("acme/widgets#42");
const OTHER = TaskId.parse("acme/widgets#7");

function document(changes: Partial<Task> = {}): Task {
  return { ...taskWith(), id: ID, version: 0, phase: { state: "reading" }, blockedBy: [], ...changes };
}

/** Registers the suite; `open` gives an empty store. */
export function testTaskStore(open: () => TaskStore): void {
  test("a document that was written is read back, one version later", async () => {
    const store = open();
    expect(await store.read(ID)).toBeUndefined();
    const stored = await store.write(document({ title: "Retry uploads" }));
    expect(stored?.version).toBeGreaterThan(0);
    expect(await store.read(ID)).toEqual(stored);
  });

  test("a document that cannot be read is as if it were not there: it hides no other, and is made anew", async () => {
    const store = open();
    const unreadable = await store.write(document({ attempts: -1 }));
    const other = await store.write(document({ id: OTHER }));
    expect(await store.read(ID)).toBeUndefined();
    expect(await store.listOpen(1)).toContain(OTHER);
    expect(await store.read(OTHER)).toEqual(other);
    const anew = await store.write(document({ attempts: 0 }));
    expect(anew).toMatchObject({ attempts: 0 });
    expect(await store.write({ ...document(), version: unreadable?.version ?? 0 })).toBeUndefined();
    expect(await store.read(ID)).toEqual(anew);
  });

  test("of two writers who read the same version the second one is told", async () => {
    const store = open();
    const read = await store.write(document());
    if (!read) throw new Error("the first write must succeed");
    expect(await store.write({ ...read, reason: "first" })).toMatchObject({ version: read.version + 1 });
    expect(await store.write({ ...read, reason: "second" })).toBeUndefined();
    expect(await store.write(document({ reason: "made twice" }))).toBeUndefined();
    expect(await store.read(ID)).toMatchObject({ reason: "first" });
  });

  test("open tasks are listed in the order of their age, ended ones are not", async () => {
    const store = open();
    await store.write(document({ createdAt: 20 }));
    const older = await store.write(document({ id: OTHER, createdAt: 10 }));
    expect(await store.listOpen(1)).toEqual([OTHER, ID]);
    expect(await store.listOpen(2)).toEqual([]);
    if (older) await store.write({ ...older, phase: { state: "done", detail: "merged" } });
    expect(await store.listOpen(1)).toEqual([ID]);
  });

  test("the turn of the reconciliation begins at the first pages and is kept", async () => {
    const store = open();
    expect(await store.readTurn()).toEqual({ assigned: 1, open: 1 });
    await store.writeTurn({ assigned: 3, open: 2 });
    expect(await store.readTurn()).toEqual({ assigned: 3, open: 2 });
  });

  test("what waits for an issue is known while it is blocked", async () => {
    const store = open();
    const blocked = await store.write(
      document({
        blockedBy: [OTHER],
        phase: { state: "blocked", blockers: [{ issue: OTHER, state: "open", title: "" }] },
      }),
    );
    expect(await store.waitingFor(OTHER)).toEqual([ID]);
    if (blocked) await store.write({ ...blocked, phase: { state: "reading" } });
    expect(await store.waitingFor(OTHER)).toEqual([]);
  });

  test("the task of a pull request is found by its number", async () => {
    const store = open();
    await store.write(document({ pull: 43 }));
    expect(await store.taskOfPull(TaskId.parse("acme/widgets#43"))).toBe(ID);
    expect(await store.taskOfPull(TaskId.parse("acme/widgets#44"))).toBeUndefined();
  });

  test("an edit that was announced twice is there once, until it is forgotten", async () => {
    const store = open();
    const edit = {
      key: "1:5:a",
      comment: 5,
      thread: 42,
      editor: { id: 2, login: "alice" },
      before: "",
      after: "/status",
    };
    await store.announceEdit(ID, edit);
    await store.announceEdit(ID, edit);
    await store.announceEdit(ID, { ...edit, key: "2:5:b", before: "/status", after: "/why" });
    expect((await store.listEdits(ID)).map(({ key }) => key)).toEqual(["1:5:a", "2:5:b"]);
    await store.forgetEdits(ID, ["1:5:a"]);
    expect((await store.listEdits(ID)).map(({ key }) => key)).toEqual(["2:5:b"]);
  });
}
