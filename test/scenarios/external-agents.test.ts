/** Agents that are other accounts: their turns count like sessions, for who goes on and when somebody stronger takes over. */
import { describe, test, vi } from "vitest";
import type { AgentProfile, AgentProfiles } from "../../src/domain/agent-profile.ts";
import type { IssueRef } from "../../src/domain/ids.ts";
import type { Task } from "../../src/domain/task.ts";
import { createWorld, FREE, type GateScript, type World, type WorldScript } from "../support/coordinator-world.ts";

const CAROL: AgentProfile = {
  driver: "external",
  user: "carol",
  context: 200_000,
  difficulty: "medium",
  price: FREE,
  slots: 1,
};
const SMALL: AgentProfile = { ...CAROL, driver: "command", run: "small" };
const DEAR = { input: 5, output: 25 };

async function worldWithCarol(profiles: AgentProfiles, script: WorldScript): Promise<World> {
  const world = await createWorld({ profiles, ...script });
  await world.acts.setPermission(world.repository, "carol", "write");
  return world;
}

/** The task when carol is asked for its session of this number. */
function turnOf(world: World, issue: IssueRef, ordinal: number): Promise<Task> {
  const look = async () => {
    const task = await world.task(issue);
    const session = task?.phase.state === "working" ? task.phase.session : undefined;
    if (!task || task.unpublished || session?.profile !== "carol" || session.ordinal !== ordinal)
      throw new Error(`${task?.phase.state}: ${task?.reason}`);
    return task;
  };
  return vi.waitFor(look, { timeout: 15_000, interval: 15 });
}

/** Carol pushes and says that she is done, when it is her turn. */
async function claim(world: World, issue: IssueRef, ordinal: number): Promise<void> {
  const { branch } = await turnOf(world, issue, ordinal);
  await world.acts.push(world.repository, "carol", branch, { "work.txt": `${ordinal}` });
  await world.acts.comment(issue, "carol", "/done");
  await world.poke(issue);
}

const failsFor =
  (times: number): GateScript =>
  (job, nth) =>
    job.gate.name === "test" && nth <= times ? { outcome: "failed", summary: "1 failed" } : undefined;

describe.concurrent("another account", () => {
  test("whose claims are rejected again and again hands over to a stronger agent", async ({ expect }) => {
    const large: AgentProfile = { ...SMALL, run: "large", difficulty: "high", price: DEAR };
    await using world = await worldWithCarol(
      { carol: CAROL, large },
      { gates: failsFor(2), limits: { "step-up-after": 2 } },
    );
    const issue = await world.assigned();
    await claim(world, issue, 1);
    await claim(world, issue, 2);
    const { sessions } = await world.until(issue, "review");
    expect(sessions).toMatchObject([
      { profile: "carol", ordinal: 1, outcome: "claimed", changed: true },
      { profile: "carol", ordinal: 2, outcome: "claimed", changed: true },
      { profile: "large", ordinal: 3 },
    ]);
    expect(sessions[0]).not.toHaveProperty("costDollars");
  });

  test("that took over gets its rejection and its review, not the one before it", async ({ expect }) => {
    await using world = await worldWithCarol(
      { small: SMALL, carol: { ...CAROL, difficulty: "high", price: DEAR } },
      { gates: failsFor(2), limits: { "step-up-after": 1 } },
    );
    const issue = await world.assigned();
    await claim(world, issue, 2);
    await claim(world, issue, 3);
    const { pull = 0 } = await world.until(issue, "review");
    await world.acts.review(world.repository, "alice", pull, {
      state: "changes-requested",
      body: "Name it otherwise.",
    });
    await world.poke(issue);
    await claim(world, issue, 4);
    const asked = (await world.comments(issue)).filter((body) => body.includes("@carol"));
    expect(asked.map((body) => body.includes(`A review of #${pull} asks for changes`))).toEqual([false, false, true]);
    const { sessions } = await world.until(issue, "review");
    expect(sessions.map(({ profile }) => profile)).toEqual(["small", "carol", "carol", "carol"]);
    expect(world.sessions).toHaveLength(1);
  });
});
