/** Issues and their comments: the forge port's reading and writing of threads. */

import { z } from "zod";
import { hasCommentKey } from "../domain/comment-key.ts";
import { ParkError } from "../domain/errors.ts";
import { type IssueRef, ownerAndRepo } from "../domain/ids.ts";
import type { Account, Comment, Forge } from "../ports/forge.ts";
import {
  AccountAnswer,
  BlockerAnswer,
  CommentAnswer,
  IdAnswer,
  IssueAnswer,
  IssueRefAnswer,
  RepositoryAnswer,
  TimelineAnswer,
} from "./forge-schema.ts";
import type { ForgeCalls } from "./octokit-call.ts";
import { unixLines } from "./unix-lines.ts";

type Threads = Pick<
  Forge,
  | "readIssue"
  | "listComments"
  | "lastAssignment"
  | "lastLabelChange"
  | "listBlockers"
  | "listAssigned"
  | "ensureComment"
  | "ensureReaction"
  | "ensureAssignee"
>;

/** Assigned issues of a page. */
const ASSIGNED_PAGE_SIZE = 50;

/** Threads through the API. */
export function createOctokitThreads(calls: ForgeCalls, self: () => Promise<Account>): Threads {
  async function readIssue(ref: IssueRef) {
    const issue = await calls.find(IssueAnswer, `GET ${ISSUE}`, variables(ref));
    return issue && { ...issue, ref };
  }

  async function listComments(ref: IssueRef): Promise<readonly Comment[]> {
    const route = `GET ${ISSUE}/comments`;
    // Never paged. Of an issue that is not there Gitea answers 500.
    const comments = await calls.find(z.array(CommentAnswer), route, variables(ref), [404, 500]);
    if (comments !== undefined) return comments;
    return (await readIssue(ref)) === undefined ? [] : calls.request(z.array(CommentAnswer), route, variables(ref));
  }

  async function newestEntry(ref: IssueRef, isMeant: (entry: TimelineAnswer) => boolean) {
    // Only without a limit is the timeline given in one piece.
    const entries = await calls.find(z.array(TimelineAnswer), `GET ${ISSUE}/timeline`, variables(ref), [404]);
    return entries
      ?.filter(isMeant)
      .sort((a, b) => a.id - b.id)
      .at(-1);
  }

  async function ownWithKey(ref: IssueRef, key: string, known?: readonly Comment[]): Promise<readonly Comment[]> {
    const { id } = await self();
    const comments = known ?? (await listComments(ref));
    return comments
      .filter(({ author, body }) => author.id === id && hasCommentKey(body, key))
      .sort((a, b) => a.id - b.id);
  }

  async function write(ref: IssueRef, comment: number, body: string): Promise<boolean> {
    return calls.write(`PATCH ${COMMENT}`, { ...repositoryOf(ref), comment, body }, [404]);
  }

  return {
    readIssue,
    listComments,

    async lastAssignment(ref) {
      const { id } = await self();
      const entry = await newestEntry(
        ref,
        ({ type, assignee, removed_assignee }) => type === "assignees" && assignee?.id === id && !removed_assignee,
      );
      return entry?.user ? { id: entry.id, by: entry.user } : undefined;
    },

    async lastLabelChange(ref, label) {
      const entry = await newestEntry(
        ref,
        (candidate) => candidate.type === "label" && candidate.label?.name === label,
      );
      return entry?.user ? { id: entry.id, by: entry.user, added: entry.body === "1" } : undefined;
    },

    async listBlockers(ref) {
      const blockers = await listPages((page) =>
        calls.find(
          z.array(BlockerAnswer),
          `GET ${ISSUE}/dependencies`,
          { ...variables(ref), page, limit: BLOCKERS_PAGE_SIZE },
          [403, 404],
        ),
      );
      if (blockers !== undefined) {
        const readable = blockers.filter((blocker) => blocker !== undefined);
        return readable.length === blockers.length ? readable : undefined;
      }
      const repository = await calls.find(RepositoryAnswer, "GET /repos/{owner}/{repo}", repositoryOf(ref), [403, 404]);
      return repository?.hasDependencies === false ? [] : undefined;
    },

    listAssigned: (page) =>
      calls.request(z.array(IssueRefAnswer), "GET /repos/issues/search", {
        assigned: true,
        state: "open",
        type: "issues",
        limit: ASSIGNED_PAGE_SIZE,
        page,
      }),

    async ensureComment(ref, { key, body, edit }, known) {
      const [oldest, ...others] = await ownWithKey(ref, key, known);
      for (const { id } of others) await calls.write(`DELETE ${COMMENT}`, { ...repositoryOf(ref), comment: id }, [404]);
      if (oldest !== undefined) {
        const isRight = !edit || oldest.body === unixLines(body);
        if (isRight || (await write(ref, oldest.id, body))) return oldest.id;
      }
      const made = await calls.request(IdAnswer, `POST ${ISSUE}/comments`, { ...variables(ref), body });
      return made.id;
    },

    async ensureReaction(repository, comment, content) {
      // A thread may be locked and a comment gone; a reaction is not worth more than the try.
      const tolerated = [403, 404];
      await calls.write(`POST ${COMMENT}/reactions`, { ...ownerAndRepo(repository), comment, content }, tolerated);
    },

    async ensureAssignee(ref, login) {
      const isWanted = (account: Account) => account.login.toLowerCase() === login.toLowerCase();
      const issue = await calls.request(IssueAnswer, `GET ${ISSUE}`, variables(ref));
      if (issue.assignees.some(isWanted)) return;
      const assignable = await calls.request(
        z.array(AccountAnswer),
        "GET /repos/{owner}/{repo}/assignees",
        repositoryOf(ref),
      );
      // Gitea would answer 500, as if it were worth another try.
      if (!assignable.some(isWanted)) {
        throw new ParkError(
          "FORGE_REFUSED",
          `The account \`${login}\` cannot be assigned in ${ref.repository}: give it read permission there.`,
        );
      }
      const assignees = [...issue.assignees.map((account) => account.login), login];
      await calls.write(`PATCH ${ISSUE}`, { ...variables(ref), assignees });
    },
  };
}

const ISSUE = "/repos/{owner}/{repo}/issues/{index}";
const COMMENT = "/repos/{owner}/{repo}/issues/comments/{comment}";
/** Blockers of a page; some servers do not say how many there are. */
const BLOCKERS_PAGE_SIZE = 50;

function repositoryOf(ref: IssueRef) {
  return ownerAndRepo(ref.repository);
}

function variables(ref: IssueRef) {
  return { ...repositoryOf(ref), index: ref.number };
}

async function listPages<T>(
  read: (page: number) => Promise<readonly T[] | undefined>,
): Promise<readonly T[] | undefined> {
  const all: T[] = [];
  for (let page = 1; ; page += 1) {
    const items = await read(page);
    if (items === undefined) return undefined;
    all.push(...items);
    if (items.length < BLOCKERS_PAGE_SIZE) return all;
  }
}
