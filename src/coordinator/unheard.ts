/** Which comments and edits of comments were not looked at yet, and whose words they are. Pure. */
import type { Task } from "../domain/task.ts";
import type { Account, Comment } from "../ports/forge.ts";
import type { WordsHeard } from "../ports/obey.ts";
import type { AnnouncedEdit } from "../ports/task-store.ts";
import { editKey } from "./edit-key.ts";

interface Threads {
  readonly task: Task;
  readonly self: Account;
  readonly issueComments: readonly Comment[];
  readonly pullComments: readonly Comment[];
  readonly pull: number | undefined;
  readonly edits: readonly AnnouncedEdit[];
  /** Logins that are never listened to. */
  readonly ignored: readonly string[];
}

/** New comments first, oldest first; then the edits of comments that were heard before. */
export function findUnheard(threads: Threads): readonly WordsHeard[] {
  const { task, issueComments, pullComments, pull, edits } = threads;
  const issueNumber = Number(task.id.split("#")[1]);
  const fresh = [
    ...newWords(threads, issueComments, issueNumber, task.handled.issueComment),
    ...(pull === undefined ? [] : newWords(threads, pullComments, pull, task.handled.pullComment)),
  ];
  const pending = edits.filter((edit) => !task.handledEdits.includes(edit.key));
  // An edit may be known before its comment was listed: it is heard with the comment.
  const listed = new Set([...issueComments, ...pullComments].map(({ id }) => id));
  for (const { comment } of fresh) listed.delete(comment);
  const later = pending.filter((edit) => listed.has(edit.comment));
  return [...fresh, ...later.flatMap((edit) => editedWords(threads, edit))];
}

function newWords(threads: Threads, comments: readonly Comment[], thread: number, watermark: number): WordsHeard[] {
  return comments
    .filter((comment) => comment.id > watermark && isHeard(threads, comment.author))
    .flatMap((comment) => asWritten(threads, comment, thread));
}

/** A comment that was edited before it was heard: each part with the authority of who wrote it. */
function asWritten(threads: Threads, comment: Comment, thread: number): WordsHeard[] {
  const told = threads.edits.filter((edit) => edit.comment === comment.id);
  const whole = { comment: comment.id, thread, by: comment.author, before: "", after: comment.body, edit: undefined };
  const words = { ...whole, covers: [...told.map(({ key }) => key), editKey(comment)] };
  // Forges tell times in whole seconds: an edit that was announced counts although the times are the same.
  if (told.length === 0 && comment.updatedAt === comment.createdAt) return [{ ...words, editorUnknown: false }];
  const last = told.at(-1);
  if (last?.after !== comment.body) return [{ ...words, editorUnknown: true }];
  if (told.every((edit) => edit.editor.id === comment.author.id)) return [{ ...words, editorUnknown: false }];
  const original = { ...whole, after: told[0]?.before ?? "", covers: [], editorUnknown: false };
  return [original, ...told.flatMap((edit) => editedWords(threads, edit))];
}

function editedWords(threads: Threads, edit: AnnouncedEdit): WordsHeard[] {
  if (!isHeard(threads, edit.editor)) return [];
  const { comment, thread, editor, before, after, key } = edit;
  return [{ comment, thread, by: editor, before, after, edit: key, covers: [key], editorUnknown: false }];
}

/** False for the bot itself and for those it is told not to listen to. */
export function isHeard({ self, ignored }: Pick<Threads, "self" | "ignored">, author: Account): boolean {
  return author.id !== self.id && !ignored.includes(author.login.toLowerCase());
}
