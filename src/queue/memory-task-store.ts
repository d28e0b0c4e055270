/** Task documents in memory, for scenario tests and the contract suite. */
import { z } from "zod";
import { issueRefFrom, type TaskId } from "../domain/ids.ts";
import { isOpen, Task } from "../domain/task.ts";
import { parseJson } from "../lib/parse-json.ts";
import type { AnnouncedEdit, TaskStore, Turn } from "../ports/task-store.ts";
import { nextVersion } from "./next-version.ts";

const PAGE_SIZE = 100;

const Version = z.object({ version: z.number() }).catch({ version: 0 });

function documentOf(text: string): Task | undefined {
  return Task.safeParse(parseJson(text)).data;
}

/** A task store that forgets all when the process ends. */
export function createMemoryTaskStore(): TaskStore {
  const texts = new Map<TaskId, string>();
  const edits = new Map<TaskId, Map<string, AnnouncedEdit>>();
  let turn: Turn = { assigned: 1, open: 1 };
  const all = (): Task[] => [...texts.values()].flatMap((text) => documentOf(text) ?? []);

  return {
    async read(task) {
      const document = documentOf(texts.get(task) ?? "");
      if (document === undefined) texts.delete(task);
      return document;
    },
    async write(task) {
      const version = Version.parse(parseJson(texts.get(task.id) ?? "")).version;
      if (version !== task.version) return undefined;
      const stored: Task = { ...task, version: nextVersion(version) };
      texts.set(task.id, JSON.stringify(stored));
      return stored;
    },
    async listOpen(page) {
      const open = all()
        .filter(isOpen)
        .sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
      return open.slice((page - 1) * PAGE_SIZE, page * PAGE_SIZE).map((task) => task.id);
    },
    readTurn: async () => turn,
    async writeTurn(next) {
      turn = next;
    },
    async waitingFor(issue) {
      return all()
        .filter((task) => task.phase.state === "blocked" && task.blockedBy.includes(issue))
        .map((task) => task.id);
    },
    async taskOfPull(pull) {
      const { repository, number } = issueRefFrom(pull);
      return all().find((task) => task.pull === number && task.id.startsWith(`${repository}#`))?.id;
    },
    async announceEdit(task, edit) {
      const known = edits.get(task) ?? new Map<string, AnnouncedEdit>();
      edits.set(task, known.set(edit.key, edit));
    },
    async listEdits(task) {
      return [...(edits.get(task)?.values() ?? [])].sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    async forgetEdits(task, keys) {
      for (const key of keys) edits.get(task)?.delete(key);
    },
  };
}
