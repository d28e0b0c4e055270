/** A bot that nobody put on the list answers everything with a command: the loop ends by itself. */
import { expect, test } from "vitest";
import { HEARD_AN_HOUR } from "../../src/domain/brake.ts";
import { createWorld } from "../support/coordinator-world.ts";

test("a loop with another bot ends by itself, is told once, and keeps nobody else from being heard", async () => {
  await using world = await createWorld({ sessions: () => "never ends" });
  const issue = await world.assigned();
  await world.until(issue, "working");
  for (let nth = 0; nth < HEARD_AN_HOUR + 5; nth += 1) await world.acts.comment(issue, "bob", "/status");
  await world.acts.comment(issue, "alice", "/pause");
  await world.poke(issue);
  await world.until(issue, "parked");
  const comments = await world.comments(issue);
  expect(comments.filter((body) => body.includes("needs write permission"))).toHaveLength(HEARD_AN_HOUR);
  expect(comments.filter((body) => body.startsWith("<!-- steward:brake:"))).toHaveLength(1);
});
