/** Tasks rebuilt after Redis was emptied: gates run again, and what was told and counted before is neither told nor counted twice. */
import { describe, test } from "vitest";
import { reconcile } from "../../src/coordinator/reconcile.ts";
import { hasCommentKey } from "../../src/domain/comment-key.ts";
import { type IssueRef, taskIdFrom } from "../../src/domain/ids.ts";
import { documentKey } from "../../src/protocol/redis-layout.ts";
import { type MarkerData, readMarker, signMarker } from "../../src/report/marker.ts";
import { createWorld, type World } from "../support/coordinator-world.ts";

async function countOf(world: World, issue: IssueRef, kind: string): Promise<number> {
  return (await world.comments(issue)).filter((body) => body.startsWith(`<!-- steward:${kind}`)).length;
}

async function emptyRedis(world: World, issue: IssueRef): Promise<void> {
  await world.redis.connect().flushall();
  await world.poke(issue);
}

/** The status comment with another marker; signed as the bot does, unless said otherwise. */
async function editMarker(
  world: World,
  issue: IssueRef,
  change: (data: MarkerData) => MarkerData,
  signedBy = world.deps.markerKeys,
): Promise<void> {
  const status = (await world.forge.listComments(issue)).find(({ body }) => hasCommentKey(body, "status"));
  const { markerKeys } = world.deps;
  const marker = readMarker(status?.body ?? "", markerKeys, taskIdFrom(issue));
  if (status === undefined || typeof marker !== "object") throw new Error("the issue has no marker");
  const [line = ""] = status.body.split("\n");
  const edited = status.body.replace(line, signMarker(change(marker.data), signedBy));
  await world.acts.editComment(issue, "steward", status.id, edited);
}

describe.concurrent("after Redis was emptied", () => {
  test("a rejected commit is rejected once: one continuation, one attempt", async ({ expect }) => {
    await using world = await createWorld({
      sessions: (_job, nth) => (nth === 1 ? { writes: { "work.txt": "bad" } } : "never ends"),
      gates: () => ({ outcome: "failed", summary: "1 failed" }),
    });
    const issue = await world.assigned();
    await expect.poll(() => world.sessions.length, { timeout: 10_000 }).toBe(2);
    await world.until(issue, "working");
    await emptyRedis(world, issue);
    await expect.poll(() => world.sessions.length, { timeout: 20_000 }).toBe(3);
    expect(await world.until(issue, "working")).toMatchObject({ attempts: 1, attemptsWithProfile: 1 });
    expect(await countOf(world, issue, "continuation:")).toBe(1);
  });

  test("a withheld verdict is found again and told once", async ({ expect }) => {
    await using world = await createWorld({
      integrity: [{ kind: "gate-input", file: "package.json", detail: "scripts.test changed" }],
    });
    const issue = await world.assigned();
    await world.until(issue, "parked");
    const judged = world.gates.length;
    await emptyRedis(world, issue);
    await expect.poll(() => world.gates.length, { timeout: 20_000 }).toBeGreaterThan(judged);
    await world.until(issue, "parked");
    await world.quiet(issue);
    expect(await countOf(world, issue, "parked:")).toBe(1);
  });

  test("an advance that was under way starts nothing, and what it published is made right", async ({ expect }) => {
    const named = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await using world = await createWorld({
      through: (forge) => ({
        ...forge,
        // Between the comment that names a session and the start of that session.
        async ensureComment(issue, comment, known) {
          const id = await forge.ensureComment(issue, comment, known);
          if (!comment.body.includes("is at work")) return id;
          named.resolve();
          await goOn.promise;
          return id;
        },
      }),
    });
    const issue = await world.assigned();
    await named.promise;
    await world.acts.comment(issue, "alice", "/cancel");
    await emptyRedis(world, issue);
    await world.until(issue, "cancelled");
    goOn.resolve();
    await expect.poll(async () => (await world.forge.readIssue(issue))?.labels).toEqual([]);
    await world.quiet(issue);
    expect(world.sessions).toEqual([]);
    expect((await world.forge.readIssue(issue))?.labels).toEqual([]);
  });

  test.for([
    ["its marker", (data: MarkerData) => data],
    ["its pull request where an older marker names none", ({ branch: _, ...older }: MarkerData) => older],
  ] as const)("a retitled issue keeps the branch of %s, settles, and hears commands", async ([, kept], { expect }) => {
    await using world = await createWorld();
    const issue = await world.assigned();
    const { branch, pull } = await world.until(issue, "review");
    await world.quiet(issue);
    await editMarker(world, issue, kept);
    await world.acts.editIssue(issue, "alice", { title: "Something else entirely" });
    await emptyRedis(world, issue);
    expect(await world.until(issue, "review")).toMatchObject({ branch, pull });
    const comment = await world.acts.comment(issue, "alice", "/why");
    await world.poke(issue);
    await expect.poll(() => countOf(world, issue, `reply:${comment}`), { timeout: 10_000 }).toBe(1);
  });

  test("a marker that no key signed is not believed: the gates judge the branch, and no session starts", async ({
    expect,
  }) => {
    await using world = await createWorld();
    const issue = await world.assigned();
    const { pull } = await world.until(issue, "review");
    await world.quiet(issue);
    await editMarker(world, issue, (data) => ({ ...data, state: "done" }), ["a key of somebody else"]);
    const judged = world.gates.length;
    await emptyRedis(world, issue);
    await expect.poll(() => world.gates.length, { timeout: 20_000 }).toBe(judged * 2);
    expect(await world.until(issue, "review")).toMatchObject({ pull });
    expect(world.gates.slice(judged).every(({ fresh }) => fresh)).toBe(true);
    expect(world.sessions).toHaveLength(1);
    await world.quiet(issue);
    expect(await countOf(world, issue, "status")).toBe(1);
  });
});

test("a document that cannot be read is made anew, and the reconciliation finds it and goes on to the others", async ({
  expect,
}) => {
  await using world = await createWorld();
  const damaged = await world.assigned();
  const other = await world.assigned();
  const { pull, head } = await world.until(damaged, "review");
  await world.until(other, "review");
  for (const issue of [damaged, other]) await world.quiet(issue);
  const comments = await world.comments(damaged);
  await world.redis.connect().hset(documentKey(taskIdFrom(damaged)), "text", "{ cut off");
  await world.acts.comment(other, "alice", "/cancel");
  const round = { assignedPages: 1, openPages: 1 };
  expect(await reconcile(world.deps, round, new AbortController().signal)).toBe(2);
  await world.until(other, "cancelled");
  expect(await world.until(damaged, "review")).toMatchObject({ pull, head });
  await world.quiet(damaged);
  expect(await world.comments(damaged)).toHaveLength(comments.length);
  expect(world.sessions).toHaveLength(2);
});
