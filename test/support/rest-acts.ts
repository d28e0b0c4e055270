/** What people do on a real server: by REST with their own tokens, and by git. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import { z } from "zod";
import { ownerAndRepo, RepositoryName, Sha } from "../../src/domain/ids.ts";
import type { ForgeActs } from "../../src/gitea/memory-acts.ts";
import {
  callApi,
  createRepository,
  gitEnvironment,
  TEST_USERS,
  type TestServer,
  type TestUser,
} from "./test-server.ts";

const run = promisify(execFile);
const TestUserName = z.enum(TEST_USERS);
const Numbered = z.object({ number: z.number() });
const Identified = z.object({ id: z.number() });
const Labels = z.array(z.object({ id: z.number(), name: z.string() }));
const PullHead = z.object({ head: z.object({ sha: z.string() }) });

const REVIEW_EVENTS = { approved: "APPROVED", "changes-requested": "REQUEST_CHANGES", commented: "COMMENT" } as const;

/** Acts on a server by its users alice (who owns the repositories), bob, mallory and steward. */
export function createRestActs(server: TestServer): ForgeActs {
  const call = (by: string, method: string, path: string, body?: unknown) =>
    callApi(server, server.tokens[userFrom(by)], method, path, body);
  const issuePath = ({ repository, number }: { repository: string; number: number }) =>
    `/repos/${repository}/issues/${number}`;

  async function headOf(repository: RepositoryName, branch: string): Promise<string> {
    const { stdout } = await run("git", ["ls-remote", `${server.url}/${repository}.git`, `refs/heads/${branch}`], {
      env: gitEnvironment(server.tokens.alice),
    });
    return stdout.slice(0, 40);
  }

  async function ensureLabels(repository: RepositoryName, names: readonly string[]): Promise<void> {
    const known = Labels.parse(await call("alice", "GET", `/repos/${repository}/labels?limit=50`)).map(
      ({ name }) => name,
    );
    for (const name of names.filter((label) => !known.includes(label))) {
      await call("alice", "POST", `/repos/${repository}/labels`, { name, color: "#ffffff" });
    }
  }

  return {
    async addRepository(name, files) {
      const { owner, repo } = ownerAndRepo(RepositoryName.parse(name));
      const made = await createRepository(server, { owner: userFrom(owner), name: repo, ...(files ? { files } : {}) });
      return RepositoryName.parse(made);
    },
    async setPermission(repository, login, permission) {
      await call("alice", "PUT", `/repos/${repository}/collaborators/${login}`, { permission });
    },
    async openIssue(repository, { by, ...issue }) {
      const { number } = Numbered.parse(await call(by, "POST", `/repos/${repository}/issues`, issue));
      return { repository, number };
    },
    async editIssue(issue, by, change) {
      await call(by, "PATCH", issuePath(issue), change);
    },
    async setAssignees(issue, by, assignees) {
      await call(by, "PATCH", issuePath(issue), { assignees });
    },
    async setLabels(issue, by, labels) {
      await ensureLabels(issue.repository, labels);
      await call(by, "PUT", `${issuePath(issue)}/labels`, { labels });
    },
    async addBlocker(issue, by, blocker) {
      const body = { ...ownerAndRepo(blocker.repository), index: blocker.number };
      await call(by, "POST", `${issuePath(issue)}/dependencies`, body);
    },
    async comment(issue, by, body) {
      return Identified.parse(await call(by, "POST", `${issuePath(issue)}/comments`, { body })).id;
    },
    async editComment(issue, by, id, body) {
      await call(by, "PATCH", `/repos/${issue.repository}/issues/comments/${id}`, { body });
    },
    async push(repository, by, branch, files) {
      const folder = await mkdtemp(join(tmpdir(), "steward-push-"));
      const git = (...args: string[]) =>
        run("git", args, { cwd: folder, env: gitEnvironment(server.tokens[userFrom(by)]) });
      try {
        await git("clone", "--quiet", `${server.url}/${repository}.git`, ".");
        await git("checkout", "--quiet", "-B", branch, (await headOf(repository, branch)) || "origin/main");
        for (const [path, text] of Object.entries(files)) {
          await mkdir(join(folder, dirname(path)), { recursive: true });
          await writeFile(join(folder, path), text);
        }
        await git("add", "--all");
        await git("commit", "--quiet", "--allow-empty", `--message=Change ${branch}`);
        await git("push", "--quiet", "origin", branch);
        const { stdout } = await git("rev-parse", "HEAD");
        const sha = Sha.parse(stdout.trim());
        await noticed(repository, branch, sha);
        return sha;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async deleteBranch(repository, by, branch) {
      await call(by, "DELETE", `/repos/${repository}/branches/${encodeURIComponent(branch)}`);
    },
    async openPull(repository, { by, ...pull }) {
      return Numbered.parse(await call(by, "POST", `/repos/${repository}/pulls`, pull)).number;
    },
    async retarget(repository, by, number, base) {
      await call(by, "PATCH", `/repos/${repository}/pulls/${number}`, { base });
    },
    async merge(repository, by, number) {
      // Whether it can be merged is being worked out just after it was opened or pushed to.
      await expect
        .poll(
          () =>
            call(by, "POST", `/repos/${repository}/pulls/${number}/merge`, { Do: "merge" }).then(
              () => "merged",
              String,
            ),
          { timeout: 60_000, interval: 200 },
        )
        .toBe("merged");
    },
    async review(repository, by, number, { state, body, comments = [] }) {
      const path = `/repos/${repository}/pulls/${number}`;
      const { head } = PullHead.parse(await call(by, "GET", path));
      const made = await call(by, "POST", `${path}/reviews`, {
        event: REVIEW_EVENTS[state],
        body,
        commit_id: head.sha,
        comments: comments.map(({ line, ...comment }) => ({ ...comment, new_position: line })),
      });
      return Identified.parse(made).id;
    },
    async setStatus(repository, by, sha, { context, state, description, targetUrl }) {
      await call(by, "POST", `/repos/${repository}/statuses/${sha}`, {
        context,
        state,
        description,
        target_url: targetUrl ?? "",
      });
    },
    async reactionsTo(repository, comment) {
      const Reactions = z.array(z.object({ user: z.object({ login: z.string() }), content: z.string() })).nullable();
      const found = await call("alice", "GET", `/repos/${repository}/issues/comments/${comment}/reactions`);
      return (Reactions.parse(found) ?? []).map(({ user, content }) => ({ login: user.login, content }));
    },
    async requestedReviewers(repository, number) {
      const Reviews = z.array(z.object({ state: z.string(), user: z.object({ login: z.string() }).nullish() }));
      const reviews = Reviews.parse(await call("alice", "GET", `/repos/${repository}/pulls/${number}/reviews`));
      return reviews.flatMap(({ state, user }) => (state === "REQUEST_REVIEW" && user ? [user.login] : []));
    },
  };

  /** A push is known to the API a moment later. */
  async function noticed(repository: RepositoryName, branch: string, sha: string): Promise<void> {
    const Branch = z.object({ commit: z.object({ id: z.string() }) }).catch({ commit: { id: "" } });
    const path = `/repos/${repository}/branches/${encodeURIComponent(branch)}`;
    await expect
      .poll(async () => Branch.parse(await call("alice", "GET", path).catch(() => ({}))).commit.id, { timeout: 10_000 })
      .toBe(sha);
  }
}

function userFrom(login: string): TestUser {
  return TestUserName.parse(login);
}
