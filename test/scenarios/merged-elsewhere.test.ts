/** A merge into another branch than the default one, after which the forge closes the issue itself: told, and no dead end. */
import { describe, test } from "vitest";
import type { IssueRef } from "../../src/domain/ids.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createWorld, type World } from "../support/coordinator-world.ts";

/** Longer than a forge takes from a merge to the issue that it closes. */
const LATER_MS = 60_000;

/** An accepted task whose pull request was merged into `develop`, and which waits for a person since. */
async function mergedElsewhere() {
  let late = 0;
  const world = await createWorld({ clock: { now: () => systemClock.now() + late } });
  await world.acts.push(world.repository, "alice", "develop", { "other.txt": "1" });
  const issue = await world.assigned();
  const { pull = 0, branch } = await world.until(issue, "review");
  await world.quiet(issue);
  await world.acts.retarget(world.repository, "alice", pull, "develop");
  await world.acts.merge(world.repository, "alice", pull);
  await world.poke(issue);
  await world.until(issue, "parked");
  await world.quiet(issue);
  const goOn = () => (late = LATER_MS);
  return { world, issue, pull, branch, goOn };
}

async function say(world: World, issue: IssueRef, words: string): Promise<number> {
  const comment = await world.acts.comment(issue, "alice", words);
  await world.poke(issue);
  await world.quiet(issue);
  return comment;
}

describe.concurrent("a task whose pull request was merged into another branch", () => {
  test("stays where the forge closed the issue with it, and says once what can be done", async ({ expect }) => {
    const { world, issue } = await mergedElsewhere();
    await using _ = world;
    expect((await world.forge.readIssue(issue))?.state).toBe("closed");
    expect(await world.until(issue, "parked")).toMatchObject({ phase: { code: "merged-elsewhere" } });
    const told = (await world.comments(issue)).filter((body) => body.startsWith("<!-- steward:parked:"));
    expect(told).toEqual([
      expect.stringMatching(/into `develop`[\s\S]*open it again[\s\S]*`\/resume`[\s\S]*`\/cancel`/),
    ]);
  });

  test("goes on with a pull request into the default branch once the issue is open, and nobody works twice", async ({
    expect,
  }) => {
    const { world, issue, pull, branch, goOn } = await mergedElsewhere();
    await using _ = world;
    const refused = await say(world, issue, "/resume");
    expect((await world.task(issue))?.phase).toMatchObject({ code: "merged-elsewhere" });
    const reply = (await world.comments(issue)).find((body) => body.startsWith(`<!-- steward:reply:${refused} `));
    expect(reply).toContain("reopen it");
    goOn();
    await world.acts.editIssue(issue, "alice", { state: "open" });
    await say(world, issue, "/retry");
    expect((await world.task(issue))?.phase).toMatchObject({ code: "merged-elsewhere" });
    await say(world, issue, "/resume");
    const task = await world.until(issue, "review");
    expect(task.pull).not.toBe(pull);
    const opened = await world.forge.findPull(world.repository, branch);
    expect(opened).toMatchObject({ number: task.pull, state: "open", base: "main", draft: false });
    expect(world.sessions).toHaveLength(1);
    await world.acts.merge(world.repository, "alice", task.pull ?? 0);
    await world.poke(issue);
    await world.until(issue, "done");
  });

  test("takes the pull request that a person opened meanwhile", async ({ expect }) => {
    const { world, issue, branch } = await mergedElsewhere();
    await using _ = world;
    await world.acts.editIssue(issue, "alice", { state: "open" });
    const opened = { by: "alice", head: branch, base: "main", title: "Into main as well" };
    const own = await world.acts.openPull(world.repository, opened);
    await say(world, issue, "/resume");
    expect(await world.until(issue, "review")).toMatchObject({ pull: own });
  });

  test("is done when a person closes the issue", async ({ expect }) => {
    const { world, issue, goOn } = await mergedElsewhere();
    await using _ = world;
    goOn();
    await world.acts.editIssue(issue, "alice", { state: "open" });
    await world.poke(issue);
    await world.quiet(issue);
    expect((await world.task(issue))?.phase.state).toBe("parked");
    await world.acts.editIssue(issue, "alice", { state: "closed" });
    await world.poke(issue);
    expect(await world.until(issue, "done")).toMatchObject({ reason: "a person closed the issue" });
  });

  test.for([
    ["unassigns the bot", (world: World, issue: IssueRef) => world.acts.setAssignees(issue, "alice", [])],
    ["says /cancel", (world: World, issue: IssueRef) => world.acts.comment(issue, "alice", "/cancel")],
  ] as const)("is stopped when a person %s", async ([, act]) => {
    const { world, issue } = await mergedElsewhere();
    await using _ = world;
    await act(world, issue);
    await world.poke(issue);
    await world.until(issue, "cancelled");
  });
});
