/**
 * Task documents, and what waits for them. A cache of what Gitea knows: losing it costs time, never a fact.
 *
 * A document is changed by compare-and-set on its version. Edits of comments are kept until the task has handled them,
 * because the forge does not tell afterwards who edited.
 */
import type { TaskId } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";

/** A delivery said that somebody edited a comment. */
export interface AnnouncedEdit {
  /** The same edit has the same key, whichever hook announced it. */
  readonly key: string;
  readonly comment: number;
  /** Issue or pull request number the comment is on. */
  readonly thread: number;
  readonly editor: { readonly id: number; readonly login: string };
  readonly before: string;
  readonly after: string;
}

/** Pages that the reconciliation looks at next. */
export interface Turn {
  readonly assigned: number;
  readonly open: number;
}

export interface TaskStore {
  /** A document that cannot be read (another version wrote it, or it was damaged) is dropped, as if it were not there. */
  read(task: TaskId): Promise<Task | undefined>;
  /**
   * Stores `task` under a new version when the stored version is `task.version` (0: none is stored yet). Versions ascend
   * from a drawn one, so that a document that was lost and made anew never has a version that the lost one had.
   * Returns the stored document, or `undefined` when somebody else was first.
   */
  write(task: Task): Promise<Task | undefined>;
  /** Open tasks, in a stable order, a page at a time; an empty page ends. */
  listOpen(page: number): Promise<readonly TaskId[]>;
  /** Where the reconciliation goes on; at the first pages when nothing is known. */
  readTurn(): Promise<Turn>;
  writeTurn(turn: Turn): Promise<void>;
  /** Tasks that wait for an issue. Kept by `write` from the task's blockers. */
  waitingFor(issue: TaskId): Promise<readonly TaskId[]>;
  /** The task whose pull request this is. Kept by `write`. */
  taskOfPull(pull: TaskId): Promise<TaskId | undefined>;
  announceEdit(task: TaskId, edit: AnnouncedEdit): Promise<void>;
  listEdits(task: TaskId): Promise<readonly AnnouncedEdit[]>;
  forgetEdits(task: TaskId, keys: readonly string[]): Promise<void>;
}
