/** What a task is after only its marker was left of it. */
import { describe, expect, it } from "vitest";
import { taskFromMarker } from "../../../src/coordinator/rebuild-task.ts";
import { isOpen, newTask, type Phase, Task } from "../../../src/domain/task.ts";
import { markerDataFrom } from "../../../src/report/marked-task.ts";
import { NOW, runId, SHA, taskWith, verificationWith } from "../../support/sample-task.ts";

const task = taskWith();
const { id, title } = task;
const fresh = newTask({ id, title, branch: "steward/issue-42-retry-uploads", now: NOW });

describe("a task rebuilt from its marker", () => {
  const phases: readonly [Phase, Phase["state"]][] = [
    [{ state: "reading" }, "reading"],
    [{ state: "blocked", blockers: [] }, "reading"],
    [{ state: "queued", profile: "sonnet", since: NOW }, "reading"],
    [task.phase, "reading"],
    [{ state: "verifying", verification: verificationWith([]) }, "reading"],
    [{ state: "review", sha: SHA }, "review"],
    [{ state: "parked", code: "attempts", detail: "", since: NOW }, "parked"],
    [{ state: "parked", code: "withheld", detail: "", since: NOW }, "reading"],
    [{ state: "done", detail: "" }, "done"],
    [{ state: "cancelled", detail: "" }, "cancelled"],
  ];

  it.each(phases)("goes on from %j in %s", (phase, state) => {
    const rebuilt = taskFromMarker(markerDataFrom(taskWith({ phase })), fresh);
    expect(Task.parse(rebuilt).phase.state).toBe(state);
    expect(isOpen(rebuilt)).toBe(state !== "done" && state !== "cancelled");
  });

  it("cancels the session that was under way and starts nothing while it may still run", () => {
    const rebuilt = taskFromMarker(markerDataFrom(task), fresh);
    expect(rebuilt.stopping).toEqual([runId(2)]);
    expect(rebuilt.notBefore).toBeGreaterThan(NOW);
  });

  it("keeps attempts, ordinals, watermarks, assignment, pull request, head and overrides", () => {
    const rebuilt = taskFromMarker(markerDataFrom(taskWith({ overrides: { agent: "opus" } })), fresh);
    expect(rebuilt).toMatchObject({
      attempts: 1,
      attemptsWithProfile: 1,
      handled: task.handled,
      assignment: 99,
      pull: 43,
      head: SHA,
      overrides: { agent: "opus" },
    });
    expect(rebuilt.sessions.map((session) => session.ordinal)).toEqual([1, 2]);
  });

  it("keeps the reviews that are open, and who was stepped up from", () => {
    const kept = { reviews: { ids: [7, 9], of: SHA, answered: false }, outgrown: "haiku" };
    expect(taskFromMarker(markerDataFrom(taskWith(kept)), fresh)).toMatchObject(kept);
  });

  it("keeps its branch, and takes the fallback where an older marker names none", () => {
    const data = markerDataFrom(taskWith({ branch: "steward/issue-42-as-it-was" }));
    expect(taskFromMarker(data, fresh).branch).toBe("steward/issue-42-as-it-was");
    const { branch: _, ...older } = data;
    expect(taskFromMarker(older, fresh).branch).toBe(fresh.branch);
  });

  it("keeps the accepted commit", () => {
    const rebuilt = taskFromMarker(markerDataFrom(taskWith({ phase: { state: "review", sha: SHA } })), fresh);
    expect(rebuilt.phase).toEqual({ state: "review", sha: SHA });
  });

  it("shows no cost that it does not know", () => {
    const [session] = taskFromMarker(markerDataFrom(task), fresh).sessions;
    expect(session?.costDollars).toBeUndefined();
    expect(session?.usage).toBeUndefined();
  });
});
