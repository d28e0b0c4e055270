/** Branded identifiers: the only way to get one is to parse it. */
import { z } from "zod";

/** A repository, `owner/name`. */
export const RepositoryName = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+$/)
  .brand<"RepositoryName">();
export type RepositoryName = z.infer<typeof RepositoryName>;

/** A task: the issue that was assigned to the bot, `owner/name#42`. */
export const TaskId = z
  .string()
  .regex(/^[\w.-]+\/[\w.-]+#[1-9]\d*$/)
  .brand<"TaskId">();
export type TaskId = z.infer<typeof TaskId>;

/** A full commit or tree hash (SHA-1 or SHA-256, lower-case hex). */
export const Sha = z
  .string()
  .regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/)
  .brand<"Sha">();
export type Sha = z.infer<typeof Sha>;

/** One execution of a job: 128 random bits in hex. It is a session's id, a job's id and the capability in `/runs/<id>`. */
export const RunId = z
  .string()
  .regex(/^[0-9a-f]{32}$/)
  .brand<"RunId">();
export type RunId = z.infer<typeof RunId>;

/** Where an issue or pull request is. */
export interface IssueRef {
  readonly repository: RepositoryName;
  readonly number: number;
}

/** The task id of an issue. */
export function taskIdFrom(issue: IssueRef): TaskId {
  return TaskId.parse(`${issue.repository}#${issue.number}`);
}

/** The issue of a task id. */
export function issueRefFrom(task: TaskId): IssueRef {
  const [repository, number] = task.split("#");
  return { repository: RepositoryName.parse(repository), number: Number(number) };
}

/** A repository's name in the two parts that REST routes take. */
export function ownerAndRepo(repository: RepositoryName): { readonly owner: string; readonly repo: string } {
  const [owner = "", repo = ""] = repository.split("/");
  return { owner, repo };
}
