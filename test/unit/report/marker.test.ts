/** The marker survives a round trip, and believes nobody else. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { TaskId } from "../../../src/domain/ids.ts";
import { isOpen, type Phase, Task } from "../../../src/domain/task.ts";
import { markerDataFrom, taskFromMarker } from "../../../src/report/marked-task.ts";
import { readMarker, signMarker } from "../../../src/report/marker.ts";
import { NOW, runId, SHA, taskWith, verificationWith } from "../../support/sample-task.ts";

const KEYS = ["new-key", "old-key"];
const task = taskWith();
const line = signMarker(markerDataFrom(task), KEYS);
/** Signed by our key, and still no branch that anything may be pushed to. */
const payload = Buffer.from(JSON.stringify({ ...markerDataFrom(task), branch: "main" })).toString("base64url");
const digest = createHmac("sha256", "new-key").update(`steward:status v1 ${payload}`).digest("base64url");
const foreignBranch = `<!-- steward:status v1 ${payload}.${digest} -->`;
const fresh = { title: "Retry failed uploads", now: NOW, branch: "steward/issue-42-retry-uploads" };

describe("the marker", () => {
  it("reads back what was signed, from a comment with more text", () => {
    expect(readMarker(`${line}\n### Anything`, KEYS, task.id)).toEqual({ data: markerDataFrom(task) });
  });

  it("is one hidden line that cannot end early", () => {
    expect(line).toMatch(/^<!-- steward:status v1 [\w-]+\.[\w-]+ -->$/);
  });

  it("is signed by the first key and accepted from any", () => {
    const old = signMarker(markerDataFrom(task), ["old-key"]);
    expect(readMarker(old, KEYS, task.id)).toEqual({ data: markerDataFrom(task) });
    expect(readMarker(line, ["old-key"], task.id)).toBe("unsigned");
  });

  it.each([
    ["another key", line, ["other"], task.id],
    ["no key", line, [], task.id],
    ["an empty key", signMarker(markerDataFrom(task), ["x"]), [""], task.id],
    ["another issue", line, KEYS, TaskId.parse("acme/widgets#41")],
    ["a changed payload", line.replace(/v1 ./, "v1 _"), KEYS, task.id],
    ["a changed signature", line.replace(/\.(.)/, (_dot, first) => `.${first === "A" ? "B" : "A"}`), KEYS, task.id],
    ["no payload", "<!-- steward:status -->", KEYS, task.id],
    ["no signature", "<!-- steward:status v1 e30 -->", KEYS, task.id],
    ["a branch that is none of a task", foreignBranch, KEYS, task.id],
    ["another version", line.replace(" v1 ", " v2 "), KEYS, task.id],
  ])("is not believed with %s", (_case, body, keys, id) => {
    expect(readMarker(body, keys, id)).toBe("unsigned");
  });

  it.each(["", "### hello", ` ${line}`, "<!-- steward:statusx -->"])("is absent from %j", (body) => {
    expect(readMarker(body, KEYS, task.id)).toBe("absent");
  });

  it("is never made without a key", () => {
    expect(() => signMarker(markerDataFrom(task), [])).toThrow(/STEWARD_KEY/);
  });

  it("holds no words of the issue", () => {
    const [, payload = ""] = /v1 ([\w-]+)\./.exec(line) ?? [];
    expect(Buffer.from(payload, "base64url").toString()).not.toContain("Retry");
  });
});

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

  it("keeps the review that is open, and who was stepped up from", () => {
    const kept = { review: { id: 7, of: SHA, answered: false }, outgrown: "haiku" };
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
