/**
 * What people's words do to a task.
 *
 * Pure but for the one question that is asked: `permission` is called at most once, and only when the words hold a command.
 * The answer is the task after the words and what is to be said about it; nothing has been said yet.
 */
import type { Sha } from "../domain/ids.ts";
import type { Notice, Task } from "../domain/task.ts";
import type { Account, Permission } from "./forge.ts";

/** Words that one account added, on one thread. */
export interface WordsHeard {
  readonly comment: number;
  readonly thread: number;
  readonly by: Account;
  /** The text before, when it was edited; empty for a new comment. */
  readonly before: string;
  readonly after: string;
  /** The key of the announced edit; absent for a new comment. */
  readonly edit: string | undefined;
  /** Keys of the edits that are heard with these words, those included that may be announced only later. */
  readonly covers: readonly string[];
  /** True: the text was changed after it was written and nobody told by whom. */
  readonly editorUnknown: boolean;
}

/** Words and the task they were said to. */
export interface Hearing {
  readonly task: Task;
  readonly words: WordsHeard;
  /** The bot's own login, by which commands may address it. */
  readonly botLogin: string;
  /** The head of the task's branch, where there is one. */
  readonly head: Sha | undefined;
  /** False where the forge closed the issue of a task that is not over. */
  readonly issueOpen: boolean;
  readonly permission: () => Promise<Permission>;
}

export type Obey = (hearing: Hearing) => Promise<{ readonly task: Task; readonly notices: readonly Notice[] }>;
