/** The people around the bot: they open issues, speak, merge what is ready, and look, whatever is down at the moment. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { REPOSITORY, type Stage } from "./fault-world.ts";

const RETRY_MS = 100;
/** An answer that has not come by then does not come. */
const ANSWER_MS = 5_000;

const Author = z.object({ login: z.string() });
const CommentSeen = z.object({ id: z.number(), body: z.string(), user: Author, updated_at: z.string() });
const IssueSeen = z.object({
  number: z.number(),
  state: z.string(),
  labels: z.array(z.object({ name: z.string() })).nullable(),
});
const PullSeen = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string(),
  state: z.string(),
  merged: z.boolean(),
  head: z.object({ ref: z.string(), sha: z.string() }),
});
const StatusSeen = z.object({
  id: z.number(),
  context: z.string(),
  status: z.string(),
  description: z.string(),
  target_url: z.string(),
});
const Reaction = z.object({ user: Author, content: z.string() });

/** A comment as it is shown. */
export type CommentSeen = z.infer<typeof CommentSeen> & { readonly reactions: readonly string[] };
/** A commit status as it is listed. */
export type StatusSeen = z.infer<typeof StatusSeen>;

/** Everything that people can see. */
export interface Sight {
  readonly issues: readonly {
    readonly number: number;
    readonly state: string;
    readonly labels: readonly string[];
    readonly comments: readonly CommentSeen[];
  }[];
  readonly pulls: readonly (z.infer<typeof PullSeen> & {
    readonly commits: readonly string[];
    readonly comments: readonly CommentSeen[];
  })[];
  readonly branches: readonly string[];
  /** All statuses of each commit of a pull request, oldest first. */
  readonly statuses: Readonly<Record<string, readonly StatusSeen[]>>;
}

export interface People {
  openAll(): Promise<void>;
  /** Says it once, however often the answer gets lost. */
  say(issue: number, text: string): Promise<void>;
  /** Merges the pull requests of issues that end merged and are ready. */
  mergeReady(): Promise<void>;
  look(): Promise<Sight>;
}

/** The people of a world. */
export function createPeople({ giteaUrl, tokens, cast }: Stage): People {
  async function call(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${giteaUrl}/api/v1/repos/${REPOSITORY}${path}`, {
      method,
      headers: { authorization: `token ${tokens.alice}`, "content-type": "application/json" },
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
    return response.json().catch(() => undefined);
  }

  /** Reading is tried until it works. */
  async function read<T>(schema: z.ZodType<T>, path: string): Promise<T> {
    for (;;) {
      const answer = await call("GET", path).then(
        (value) => ({ value }),
        () => undefined,
      );
      if (answer) return schema.parse(answer.value);
      await sleep(RETRY_MS);
    }
  }

  async function comments(issue: number): Promise<readonly CommentSeen[]> {
    const seen = await read(z.array(CommentSeen).nullable(), `/issues/${issue}/comments`);
    return Promise.all(
      (seen ?? []).map(async (comment) => {
        const reactions = await read(z.array(Reaction).nullable(), `/issues/comments/${comment.id}/reactions`);
        return { ...comment, reactions: (reactions ?? []).map(({ user, content }) => `${user.login} ${content}`) };
      }),
    );
  }

  async function statusesOf(sha: string): Promise<readonly StatusSeen[]> {
    const first = await read(z.array(StatusSeen), `/commits/${sha}/statuses?limit=50`);
    const second = await read(z.array(StatusSeen), `/commits/${sha}/statuses?limit=50&page=2`);
    return [...first, ...second].sort((a, b) => a.id - b.id);
  }

  const pulls = () => read(z.array(PullSeen), "/pulls?state=all&limit=50");
  const spoken = new Map<number, number>();

  return {
    async openAll() {
      for (const { title, body } of cast) await call("POST", "/issues", { title, body });
      for (const { number } of cast) await call("PATCH", `/issues/${number}`, { assignees: ["steward"] });
    },

    async say(issue, text) {
      const wanted = (spoken.get(issue) ?? 0) + 1;
      spoken.set(issue, wanted);
      for (;;) {
        const known = await read(z.array(CommentSeen).nullable(), `/issues/${issue}/comments`);
        if ((known ?? []).filter(({ user }) => user.login === "alice").length >= wanted) return;
        await call("POST", `/issues/${issue}/comments`, { body: text }).catch(() => sleep(RETRY_MS));
      }
    },

    async mergeReady() {
      const merged = cast.filter(({ ends }) => ends === "done").map(({ number }) => number);
      for (const pull of await pulls()) {
        const ready = pull.state === "open" && !pull.title.startsWith("WIP:");
        if (!ready || !merged.some((number) => pull.body.includes(`Closes #${number}\n`))) continue;
        await call("POST", `/pulls/${pull.number}/merge`, { Do: "merge", head_commit_id: pull.head.sha }).catch(
          () => undefined,
        );
      }
    },

    async look() {
      const seen = await Promise.all(
        (await pulls()).map(async (pull) => {
          const commits = await read(z.array(z.object({ sha: z.string() })), `/pulls/${pull.number}/commits`);
          return { ...pull, commits: commits.map(({ sha }) => sha), comments: await comments(pull.number) };
        }),
      );
      const shas = [...new Set(seen.flatMap(({ commits }) => commits))];
      const statuses = await Promise.all(shas.map(async (sha) => [sha, await statusesOf(sha)] as const));
      const branches = await read(z.array(z.object({ name: z.string() })), "/branches?limit=50");
      const issues = await Promise.all(
        cast.map(async ({ number }) => {
          const { state, labels } = await read(IssueSeen, `/issues/${number}`);
          return { number, state, labels: (labels ?? []).map(({ name }) => name), comments: await comments(number) };
        }),
      );
      return {
        issues,
        pulls: seen,
        branches: branches.map(({ name }) => name),
        statuses: Object.fromEntries(statuses),
      };
    },
  };
}
