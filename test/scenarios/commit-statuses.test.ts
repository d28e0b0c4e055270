/** The last word on every commit is said, whatever happens before it could be. */
import { describe, test } from "vitest";
import type { CommitStatus } from "../../src/domain/commit-status.ts";
import type { IssueRef } from "../../src/domain/ids.ts";
import { createWorld, type World } from "../support/coordinator-world.ts";

const VERDICT = "steward/verdict";

function verdictIn(statuses: readonly CommitStatus[] = []): CommitStatus | undefined {
  return statuses.find(({ context }) => context === VERDICT);
}

describe.concurrent("the statuses of a commit", () => {
  test("that was rejected are said though the next one was under verification by then", async ({ expect }) => {
    const said = new Map<string, readonly CommitStatus[]>();
    let first: string | undefined;
    await using world = await createWorld({
      sessions: (_job, nth) => ({ writes: { "work.txt": nth === 1 ? "bad" : "good" } }),
      gates: (job) => {
        first ??= job.sha;
        return job.sha === first ? { outcome: "failed", summary: "1 failed" } : undefined;
      },
      through: (forge) => ({
        ...forge,
        // Whoever would have said that the first commit was rejected is killed before, until there is a second one.
        async ensureStatuses(repository, sha, statuses) {
          if (said.size === 1 && verdictIn(statuses)?.state === "failure") throw new Error("killed");
          said.set(sha, statuses);
          await forge.ensureStatuses(repository, sha, statuses);
        },
      }),
    });
    const issue = await world.assigned();
    await world.until(issue, "review");
    expect([...said.values()].map((statuses) => verdictIn(statuses)?.state)).toEqual(["failure", "success"]);
  });

  test("whose gates were stopped say so, and are not pending for ever", async ({ expect }) => {
    const said = new Map<string, readonly CommitStatus[]>();
    let thread: { readonly world: World; readonly issue: IssueRef } | undefined;
    await using world = await createWorld({
      through: (forge) => ({
        ...forge,
        async ensureStatuses(repository, sha, statuses) {
          if (said.size === 0) await thread?.world.acts.comment(thread.issue, "alice", "/cancel");
          said.set(sha, statuses);
          await forge.ensureStatuses(repository, sha, statuses);
        },
      }),
    });
    const issue = await world.openIssue();
    thread = { world, issue };
    await world.acts.setAssignees(issue, "alice", ["steward"]);
    await world.poke(issue);
    await world.until(issue, "cancelled");
    const verdicts = [...said.values()].map(verdictIn);
    expect(verdicts).toMatchObject([{ state: "error", description: "stopped: alice said /cancel" }]);
  });
});
