/** The few REST calls by which the demo plays the people around the bot; the same on the stand-in and on a real Gitea. */
import { z } from "zod";

const Issue = z.object({
  number: z.number(),
  title: z.string(),
  state: z.enum(["open", "closed"]),
  labels: z.array(z.object({ name: z.string() })).nullable(),
});
export type IssueSeen = z.infer<typeof Issue>;

const Comment = z.object({ id: z.number(), body: z.string(), user: z.object({ login: z.string() }) });
export type CommentSeen = z.infer<typeof Comment>;

const Pull = z.object({
  number: z.number(),
  title: z.string(),
  state: z.string(),
  merged: z.boolean(),
  head: z.object({ ref: z.string(), sha: z.string() }),
});
export type PullSeen = z.infer<typeof Pull>;

export interface ForgeClient {
  createIssue(issue: {
    readonly title: string;
    readonly body: string;
    readonly assignees?: readonly string[];
  }): Promise<number>;
  assign(issue: number, login: string): Promise<void>;
  /** Takes the issue from everybody. */
  unassign(issue: number): Promise<void>;
  issue(number: number): Promise<IssueSeen>;
  comments(number: number): Promise<readonly CommentSeen[]>;
  comment(number: number, body: string): Promise<void>;
  pulls(): Promise<readonly PullSeen[]>;
  /** True when it was merged; false when the forge asked to try again. */
  merge(pull: PullSeen): Promise<boolean>;
}

/** A person with a token, in one repository. */
export function createForgeClient(url: string, token: string, repository: string): ForgeClient {
  async function call(method: string, path: string, body?: object): Promise<Response> {
    return fetch(`${url}/api/v1/repos/${repository}${path}`, {
      method,
      headers: { authorization: `token ${token}`, ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  }

  async function json(method: string, path: string, body?: object): Promise<unknown> {
    const response = await call(method, path, body);
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  return {
    async createIssue(issue) {
      return Issue.parse(await json("POST", "/issues", issue)).number;
    },
    async assign(issue, login) {
      await json("PATCH", `/issues/${issue}`, { assignees: [login] });
    },
    async unassign(issue) {
      await json("PATCH", `/issues/${issue}`, { assignees: [] });
    },
    async issue(number) {
      return Issue.parse(await json("GET", `/issues/${number}`));
    },
    async comments(number) {
      return z.array(Comment).parse(await json("GET", `/issues/${number}/comments`));
    },
    async comment(number, body) {
      await json("POST", `/issues/${number}/comments`, { body });
    },
    async pulls() {
      return z.array(Pull).parse(await json("GET", "/pulls?state=all&limit=50"));
    },
    async merge(pull) {
      const response = await call("POST", `/pulls/${pull.number}/merge`, {
        Do: "merge",
        head_commit_id: pull.head.sha,
      });
      return response.ok;
    },
  };
}
