/** Taking away the label `agent/needs-human` says "go on", with the permission that the command would need. */
import { describe, test } from "vitest";
import { ParkError } from "../../src/domain/errors.ts";
import { createWorld, type World } from "../support/coordinator-world.ts";

const NEEDS_HUMAN = "agent/needs-human";

async function paused() {
  const world = await createWorld({
    sessions: (_job, nth) => (nth === 1 ? "never ends" : { writes: { "a.txt": "1" } }),
  });
  const issue = await world.assigned();
  await world.until(issue, "working");
  await world.acts.comment(issue, "alice", "/pause");
  await world.poke(issue);
  await world.until(issue, "parked");
  await world.quiet(issue);
  return { world, issue };
}

async function labels(world: World, issue: Parameters<World["poke"]>[0]): Promise<readonly string[]> {
  return (await world.forge.readIssue(issue))?.labels ?? [];
}

describe.concurrent("the label of a parked task", () => {
  test("taken away by a person who may write releases the task", async () => {
    const { world, issue } = await paused();
    await using _ = world;
    await world.acts.setLabels(issue, "alice", []);
    await world.poke(issue);
    await world.until(issue, "review");
  });

  test("taken away by a person who may not comes back, with the reason", async ({ expect }) => {
    const { world, issue } = await paused();
    await using _ = world;
    await world.acts.setLabels(issue, "bob", []);
    await world.poke(issue);
    await expect.poll(() => labels(world, issue)).toEqual([NEEDS_HUMAN]);
    await world.quiet(issue);
    expect(await world.until(issue, "parked")).toMatchObject({ phase: { code: "paused" } });
    const told = (await world.comments(issue)).filter((body) => body.startsWith("<!-- steward:reply:"));
    expect(told).toEqual([expect.stringContaining("needs write permission")]);
  });

  test("that cannot be put back is taken for removed once, not at every later stop", async ({ expect }) => {
    const refusing = { on: false };
    await using world = await createWorld({
      through: (forge) => ({
        ...forge,
        async ensureIssueLabel(...asked) {
          if (refusing.on) throw new ParkError("FORGE_REFUSED", "The forge answered 403.");
          return forge.ensureIssueLabel(...asked);
        },
      }),
    });
    const issue = await world.assigned();
    await world.until(issue, "review");
    await world.quiet(issue);
    const released = async () => {
      await world.acts.setLabels(issue, "alice", []);
      await world.poke(issue);
      await world.until(issue, "review");
      await world.quiet(issue);
    };
    /** With no label there, each state needs one: the gates may be over before a refusal is believed. */
    const refuse = async () => {
      refusing.on = true;
      await world.acts.setLabels(issue, "steward", []);
      await world.acts.comment(issue, "alice", "/retest");
      await world.poke(issue);
    };
    await refuse();
    expect((await world.until(issue, "parked")).phase).toMatchObject({ code: "forge-refused" });
    refusing.on = false;
    await world.acts.setLabels(issue, "steward", [NEEDS_HUMAN]);
    await released();
    await refuse();
    await world.until(issue, "parked");
    const gates = world.gates.length;
    await world.quiet(issue);
    expect((await world.task(issue))?.phase).toMatchObject({ code: "forge-refused" });
    expect(world.gates).toHaveLength(gates);
    refusing.on = false;
    await world.poke(issue);
    await expect.poll(() => labels(world, issue)).toEqual([NEEDS_HUMAN]);
    await released();
  });

  test("that is not there although nobody took it away is put back in silence", async ({ expect }) => {
    const { world, issue } = await paused();
    await using _ = world;
    await world.acts.setLabels(issue, "steward", []);
    await world.poke(issue);
    await expect.poll(() => labels(world, issue)).toEqual([NEEDS_HUMAN]);
    await world.quiet(issue);
    expect((await world.task(issue))?.phase).toMatchObject({ code: "paused" });
    expect((await world.comments(issue)).some((body) => body.startsWith("<!-- steward:reply:"))).toBe(false);
  });

  test("of a task whose attempts ran out grants new ones; that of a withheld verdict accepts nothing", async ({
    expect,
  }) => {
    await using tired = await createWorld({
      limits: { attempts: 1 },
      gates: (_job, nth) => (nth === 1 ? { outcome: "failed", summary: "exit code 2" } : undefined),
    });
    const worn = await tired.assigned();
    await tired.until(worn, "parked");
    await tired.quiet(worn);
    await tired.acts.setLabels(worn, "alice", []);
    await tired.poke(worn);
    await tired.until(worn, "review");
    await using doubtful = await createWorld({
      integrity: [{ kind: "gate-input", file: "package.json", detail: "scripts.test changed" }],
    });
    const withheld = await doubtful.assigned();
    await doubtful.until(withheld, "parked");
    await doubtful.quiet(withheld);
    await doubtful.acts.setLabels(withheld, "alice", []);
    await doubtful.poke(withheld);
    await expect.poll(() => labels(doubtful, withheld)).toEqual([NEEDS_HUMAN]);
    expect((await doubtful.task(withheld))?.phase).toMatchObject({ code: "withheld" });
    expect(await doubtful.comments(withheld)).toContainEqual(expect.stringMatching(/steward:reply[\s\S]*`\/accept`/));
  });
});
