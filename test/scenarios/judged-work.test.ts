/** Work that waits for a judgement is judged: no agent is paid to find nothing to do on it, and is blamed for that. */
import { describe, test } from "vitest";
import type { IssueRef } from "../../src/domain/ids.ts";
import type { GateScript, World } from "../support/coordinator-world.ts";
import { createWorld, headOf } from "../support/coordinator-world.ts";

const PLANTED = [{ kind: "gate-input", file: "package.json", detail: "scripts.test changed" }] as const;
/** A disk that is full until the third try of its gate is over. */
const FAILS_THRICE: GateScript = (job, nth) =>
  job.gate.name === "test" && nth <= 3 ? { outcome: "error", summary: "no space left on the device" } : undefined;

async function assignAgain(world: World, issue: IssueRef): Promise<void> {
  await world.acts.setAssignees(issue, "alice", []);
  await world.acts.setAssignees(issue, "alice", ["steward"]);
  await world.poke(issue);
}

async function say(world: World, issue: IssueRef, words: string): Promise<void> {
  await world.acts.comment(issue, "alice", words);
  await world.poke(issue);
}

describe.concurrent("work that Steward failed to judge", () => {
  test.for([
    ["/resume", (world: World, issue: IssueRef) => say(world, issue, "/resume")],
    ["/retry", (world: World, issue: IssueRef) => say(world, issue, "/retry")],
    ["a new assignment", assignAgain],
  ] as const)("is judged after %s, and no agent starts", async ([, goOn], { expect }) => {
    await using world = await createWorld({ gates: FAILS_THRICE });
    const issue = await world.assigned();
    const { branch, phase } = await world.until(issue, "parked");
    expect(phase).toMatchObject({ code: "our-failure" });
    const head = await headOf(world, branch);
    await goOn(world, issue);
    expect((await world.until(issue, "review")).phase).toEqual({ state: "review", sha: head });
    expect(world.sessions).toHaveLength(1);
  });
});

describe.concurrent("a withheld verdict", () => {
  test("is not got around by `/retry`, which names the way", async ({ expect }) => {
    await using world = await createWorld({ integrity: PLANTED });
    const issue = await world.assigned();
    await world.until(issue, "parked");
    await say(world, issue, "/retry");
    await world.quiet(issue);
    expect((await world.task(issue))?.phase).toMatchObject({ state: "parked", code: "withheld" });
    expect((await world.comments(issue)).at(-1)).toContain("/accept");
    expect(world.sessions).toHaveLength(1);
    await say(world, issue, "/accept");
    await world.until(issue, "review");
  });

  test("is given again after a new assignment, for `/accept` to take", async ({ expect }) => {
    await using world = await createWorld({ integrity: PLANTED });
    const issue = await world.assigned();
    const before = await world.until(issue, "parked");
    await assignAgain(world, issue);
    await expect
      .poll(async () => (await world.task(issue))?.assignment, { timeout: 10_000 })
      .not.toBe(before.assignment);
    await world.quiet(issue);
    expect((await world.until(issue, "parked")).phase).toMatchObject({ code: "withheld" });
    expect(world.sessions).toHaveLength(1);
    await say(world, issue, "/accept");
    await world.until(issue, "review");
  });
});

describe.concurrent("an accepted commit", () => {
  test("is still accepted after the bot was unassigned and assigned again", async ({ expect }) => {
    await using world = await createWorld();
    const issue = await world.assigned();
    const { phase } = await world.until(issue, "review");
    await world.acts.setAssignees(issue, "alice", []);
    await world.poke(issue);
    await world.until(issue, "cancelled");
    await world.acts.setAssignees(issue, "alice", ["steward"]);
    await world.poke(issue);
    expect((await world.until(issue, "review")).phase).toEqual(phase);
    expect(world.sessions).toHaveLength(1);
  });

  test("is not spoken of when another was pushed and merged at once", async ({ expect }) => {
    await using world = await createWorld();
    const issue = await world.assigned();
    const { branch, pull = 0 } = await world.until(issue, "review");
    await world.acts.push(world.repository, "alice", branch, { "late.txt": "x" });
    await world.acts.merge(world.repository, "alice", pull);
    await world.poke(issue);
    expect((await world.until(issue, "done")).reason).toBe("merged by a person without an accepted verdict");
  });
});
