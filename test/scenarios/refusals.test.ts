/** What the forge refuses and only a person can allow: said on the issue where that can be written, else tried again in silence. */
import { describe, test } from "vitest";
import { ParkError } from "../../src/domain/errors.ts";
import type { IssueRef } from "../../src/domain/ids.ts";
import type { MemoryForge } from "../../src/gitea/memory-forge.ts";
import { createWorld, FREE, RULES, type World } from "../support/coordinator-world.ts";

type Refused = "ensureStatuses" | "ensureComment" | "ensureIssueLabel";

/** A forge that refuses these calls while `refusing.on`. */
function refuser(refused: readonly Refused[]) {
  const refusing = { on: true, count: 0 };
  const refuse = () => {
    refusing.count += 1;
    throw new ParkError("FORGE_REFUSED", "The forge answered 403. Give the bot's account write permission.");
  };
  const through = (forge: MemoryForge["forge"]) => {
    const changed = { ...forge };
    for (const name of refused) {
      const usual = forge[name].bind(forge);
      Object.assign(changed, {
        [name]: (...asked: never[]) => (refusing.on ? refuse() : Reflect.apply(usual, forge, asked)),
      });
    }
    return changed;
  };
  return { refusing, through };
}

async function parkComments(world: World, issue: IssueRef): Promise<readonly string[]> {
  return (await world.comments(issue)).filter((body) => body.startsWith("<!-- steward:parked:"));
}

async function say(world: World, issue: IssueRef, words: string): Promise<void> {
  await world.acts.comment(issue, "alice", words);
  await world.poke(issue);
}

describe.concurrent("what the forge refuses", () => {
  test("an account that cannot be assigned parks the task, until it can and somebody says so", async ({ expect }) => {
    const helper = {
      driver: "external",
      user: "helper",
      context: 200_000,
      difficulty: "high",
      price: FREE,
      slots: 1,
    } as const;
    await using world = await createWorld({ profiles: { helper } });
    const issue = await world.assigned();
    const task = await world.until(issue, "parked");
    expect(task.phase).toMatchObject({ code: "forge-refused" });
    const [told = "", ...more] = await parkComments(world, issue);
    expect(told).toContain("cannot be assigned");
    expect(told).toContain("`/resume`");
    expect(more).toEqual([]);
    await world.acts.setPermission(world.repository, "helper", "read");
    await say(world, issue, "/resume");
    await world.until(issue, "working");
  });

  test.for([
    ["a status", "ensureStatuses"],
    ["a label", "ensureIssueLabel"],
  ] as const)(
    "a token that may not write %s parks the task; once it may, the work is accepted",
    async ([, refused], { expect }) => {
      const { refusing, through } = refuser([refused]);
      await using world = await createWorld({ through });
      const issue = await world.assigned();
      expect((await world.until(issue, "parked")).phase).toMatchObject({ code: "forge-refused" });
      expect(await parkComments(world, issue)).toHaveLength(1);
      refusing.on = false;
      await say(world, issue, "/resume");
      await world.until(issue, "review");
      expect(world.sessions).toHaveLength(1);
    },
  );

  test("where no comment can be written either, nothing is parked, and it goes on by itself when it may", async ({
    expect,
  }) => {
    const { refusing, through } = refuser(["ensureComment", "ensureStatuses", "ensureIssueLabel"]);
    await using world = await createWorld({ through });
    const issue = await world.assigned();
    // A look and the try to say so, three times over.
    await expect.poll(() => refusing.count, { timeout: 10_000 }).toBeGreaterThan(5);
    expect((await world.task(issue))?.phase.state).not.toBe("parked");
    refusing.on = false;
    await world.poke(issue);
    await world.until(issue, "review");
    expect(await parkComments(world, issue)).toEqual([]);
  });

  test.for(["archived", "one where no comment can be written"])(
    "a repository that is %s keeps no slot from the others, and has its turn when it may",
    async (kind, { expect }) => {
      const refusing = { on: false };
      const isRefused = (repository: string) => repository === "acme/gadgets" && refusing.on;
      await using world = await createWorld({
        profiles: {
          only: { driver: "command", run: "only", context: 200_000, difficulty: "high", price: FREE, slots: 1 },
        },
        sessions: ({ repository }) => (repository === "acme/gadgets" ? { writes: { "a.txt": "1" } } : "never ends"),
        through: (forge) => ({
          ...forge,
          async readRepository(name) {
            const repository = await forge.readRepository(name);
            return repository && { ...repository, archived: kind === "archived" && isRefused(name) };
          },
          async ensureComment(issue, ...asked) {
            if (isRefused(issue.repository)) throw new ParkError("FORGE_REFUSED", "The forge answered 423.");
            return forge.ensureComment(issue, ...asked);
          },
        }),
      });
      const busy = await world.assigned();
      await world.until(busy, "working");
      const gadgets = await world.acts.addRepository("acme/gadgets", { ".gitea/steward.yml": RULES });
      const waiting = await world.acts.openIssue(gadgets, { by: "alice", title: "Do it", assignees: ["steward"] });
      await world.poke(waiting);
      await world.until(waiting, "queued");
      refusing.on = true;
      const next = await world.assigned();
      await world.until(next, "queued");
      await say(world, busy, "/cancel");
      await world.until(next, "working");
      expect(world.sessions.map(({ repository }) => repository)).not.toContain("acme/gadgets");
      expect((await world.task(waiting))?.phase.state).toBe("queued");
      refusing.on = false;
      await say(world, next, "/cancel");
      await world.until(next, "cancelled");
      await world.poke(waiting);
      await world.until(waiting, "review");
    },
  );
});
