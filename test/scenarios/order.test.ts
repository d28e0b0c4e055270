/** Who gets the next slot: priority first, then how much waits behind, then age. */
import { expect, test } from "vitest";
import { issueRefFrom } from "../../src/domain/ids.ts";
import { createWorld, FREE } from "../support/coordinator-world.ts";

const ONE_SLOT = {
  driver: "command",
  run: "only",
  context: 200_000,
  difficulty: "high",
  price: FREE,
  slots: 1,
} as const;

test("a free slot goes to the most urgent, then to what most waits for, then to the oldest", async () => {
  await using world = await createWorld({
    profiles: { only: ONE_SLOT },
    sessions: (_job, nth) => (nth === 1 ? "never ends" : { writes: { [`${nth}.txt`]: "done" } }),
  });
  const busy = await world.assigned("Please.", "Busy");
  await world.until(busy, "working");
  const queue = async (title: string, labels: readonly string[]) => {
    const issue = await world.openIssue("Please.", title);
    await world.acts.setLabels(issue, "alice", labels);
    await world.acts.setAssignees(issue, "alice", ["steward"]);
    await world.poke(issue);
    await world.until(issue, "queued");
    return issue;
  };
  const old = await queue("Old", []);
  const young = await queue("Young", []);
  const awaited = await queue("Awaited", []);
  const urgent = await queue("Urgent", ["priority/high"]);
  const middle = await world.assigned(`Blocked by: #${awaited.number}`, "Middle");
  const last = await world.assigned(`Blocked by: #${middle.number}`, "Last");
  for (const issue of [middle, last]) await world.until(issue, "blocked");
  await world.poke(awaited);
  await world.quiet(awaited);
  await world.acts.comment(busy, "alice", "/cancel");
  await world.poke(busy);
  for (const issue of [urgent, awaited, old, young]) await world.until(issue, "review");
  const order = world.sessions.map(({ task }) => issueRefFrom(task).number);
  expect(order).toEqual([busy, urgent, awaited, old, young].map(({ number }) => number));
});
