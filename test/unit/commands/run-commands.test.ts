/** What each command does to a task and says to people, and who may use it. */
import { describe, expect, it } from "vitest";
import { parseCommands } from "../../../src/commands/parse.ts";
import { COMMANDS, findCommand, nearestCommand } from "../../../src/commands/registry.ts";
import { type CommandsOutcome, type CommandsRequest, runCommands } from "../../../src/commands/run-commands.ts";
import { hasCommentKey } from "../../../src/domain/comment-key.ts";
import type { ParkCode, Phase, Task } from "../../../src/domain/task.ts";
import * as sample from "../../support/sample-task.ts";

const { NOW, SHA, taskWith, HOSTILE } = sample;

function run(body: string, task: Task = taskWith(), changes: Partial<CommandsRequest> = {}): CommandsOutcome {
  return runCommands({
    task,
    comment: { id: 500, thread: 42 },
    added: parseCommands(body, "steward"),
    by: { id: 7, login: "alice" },
    permission: "write",
    head: SHA,
    issueOpen: true,
    now: NOW,
    profiles: sample.PROFILES,
    limits: sample.LIMITS,
    ...changes,
  });
}

function replyOf({ notices }: CommandsOutcome): string {
  const comment = notices.find((notice) => notice.kind === "comment");
  return comment?.body.split("\n").slice(1).join("\n") ?? "";
}

function reactionOf({ notices }: CommandsOutcome): string | undefined {
  return notices.find((notice) => notice.kind === "reaction")?.content;
}

function parked(code: ParkCode, changes: Partial<Task> = {}): Task {
  return taskWith({ phase: { state: "parked", code, detail: "", since: 0 }, ...changes });
}

function inPhase(phase: Phase, changes: Partial<Task> = {}): Task {
  return taskWith({ phase, ...changes });
}

const READING: Phase = { state: "reading" };
const QUEUED: Phase = { state: "queued", profile: "sonnet", since: 0 };
const VERIFYING: Phase = { state: "verifying", verification: sample.verificationWith([]) };
const REVIEW: Phase = { state: "review", sha: SHA };
const EXTERNAL: Phase = {
  state: "working",
  session: { run: sample.runId(3), profile: "reviewer", ordinal: 2, base: SHA, instruction: "", startedAt: 0 },
};

describe("/help", () => {
  it("lists every command", () => {
    expect(replyOf(run("/help"))).toMatchInlineSnapshot(`
      "| command | |
      |:--|:--|
      | \`/help\` | lists the commands |
      | \`/status\` | says where this stands |
      | \`/why\` | says why: estimate, agent, attempts, and what ends it |
      | \`/retry\` | starts again with fresh attempts |
      | \`/pause\` | stops what runs until \`/resume\` |
      | \`/resume\` | goes on after a pause, or when what was missing is there |
      | \`/cancel\` | stops this for good; the branch stays |
      | \`/estimate [tokens] [low\\|medium\\|high]\` | shows or corrects the estimate |
      | \`/agent <profile>\` | asks for one agent instead of the cheapest |
      | \`/retest [gate]\` | runs the gates again, without earlier results |
      | \`/accept\` | accepts a withheld verdict after a look at its list of changes |
      | \`/done [sha]\` | an external agent says that its work is done; the gates decide |

      One command a line, at its start, as \`/command\` or as a mention of me; write permission is needed. The status comment above says what goes on."
    `);
  });
});

describe("/status", () => {
  it("says where the task stands", () => {
    expect(replyOf(run("/status"))).toMatchInlineSnapshot(
      `"\`working\` \`coverage\` needs 85 % of lines, found 83.1 %. The agent is working on it again. See the status comment above; \`/why\` says more."`,
    );
    expect(replyOf(run("/status", parked("no-gates", { reason: "no gates were found" })))).toBe(
      "`parked: no-gates` No gates were found. See the status comment above; `/why` says more.",
    );
  });
});

describe("/why", () => {
  it("gives the reasons", () => {
    expect(replyOf(run("/why"))).toMatchInlineSnapshot(`
      "- **State:** \`working\`. \`coverage\` needs 85 % of lines, found 83.1 %. The agent is working on it again.
      - **Estimate:** 3 files, medium, tests needed: about **42,900 tokens** of context (high confidence, 90 %; from the issue's form).
      - **Agent:** \`sonnet\`: the cheapest that can do it, or the next stronger one.
      - **Attempts:** 1 of 5 used, 4 left; a stronger agent takes over after 3 rejections of one (1 so far), and a person is asked after the last.
      - **Work:** on \`steward/issue-42-retry-uploads\` (#43).
      - **What ends it:** every gate passes on one commit, and you merge it.
      - **Next:** gates run when the agent is done.

      <sub>\`/pause\` \`/cancel\` \`/status\` \`/why\` \`/help\`</sub>"
    `);
  });

  it("says what is not known yet", () => {
    const { estimate, pull, head, ...task } = inPhase(READING, { sessions: [], overrides: { agent: "opus" } });
    const reply = replyOf(run("/why", task));
    expect(reply).toContain("**Estimate:** none yet.");
    expect(reply).toContain("**Agent:** `opus` is asked for.");
    expect(reply).toContain("**Work:** none yet.");
  });
});

describe("/retry", () => {
  it.each<[string, Task]>([
    ["parked", parked("attempts", { attempts: 5, attemptsWithProfile: 2, noWork: 1, ourFailures: 2 })],
    ["queued", inPhase(QUEUED, { attempts: 2 })],
  ])("starts a %s task with fresh attempts", (_state, task) => {
    const outcome = run("/retry", task);
    const counters = { attempts: 0, attemptsWithProfile: 0, noWork: 0, ourFailures: 0 };
    expect(outcome.task).toMatchObject({ phase: READING, reason: "`alice` said `/retry`", ...counters });
    expect(outcome.notices).toEqual([{ kind: "reaction", comment: 500, content: "rocket" }]);
  });

  it("leaves gates running and counts anew", () => {
    const { task } = run("/retry", inPhase(VERIFYING, { attempts: 3 }));
    expect(task).toMatchObject({ phase: VERIFYING, attempts: 0 });
  });

  it.each([
    ["working", sample.WORKING],
    ["review", REVIEW],
    ["a withheld verdict", parked("withheld").phase],
  ] as const)("is refused in %s", (_state, phase) => {
    const task = inPhase(phase);
    expect(run("/retry", task).task).toBe(task);
    expect(reactionOf(run("/retry", task))).toBe("confused");
  });
});

describe("/agent after a step up", () => {
  it("lets a person name the one that was stepped up from", () => {
    const { task } = run("/agent sonnet", inPhase(QUEUED, { outgrown: "sonnet" }));
    expect(task).toMatchObject({ phase: READING, overrides: { agent: "sonnet" } });
    expect(task).not.toHaveProperty("outgrown");
  });
});

describe("/cancel and /pause", () => {
  it("stop what runs", () => {
    const cancelled = run("/cancel").task;
    expect(cancelled.phase).toEqual({ state: "cancelled", detail: "`alice` said `/cancel`" });
    expect(cancelled.stopping).toEqual([sample.runId(2)]);
    const paused = run("/pause", inPhase(VERIFYING)).task;
    expect(paused.phase).toMatchObject({ state: "parked", code: "paused", since: NOW });
    expect(paused.stopping).toHaveLength(5);
  });

  it.each([
    ["parked", parked("withheld")],
    ["review", inPhase(REVIEW)],
  ] as const)("pause nothing in %s", (_state, task) => {
    expect(run("/pause", task).task).toBe(task);
  });
});

describe("/resume", () => {
  it.each<ParkCode>(["paused", "no-gates", "bad-rules", "too-large", "no-agent", "session-limit", "merged-elsewhere"])(
    "goes on after %s with its attempts counted",
    (code) => {
      expect(run("/resume", parked(code, { attempts: 2 })).task).toMatchObject({ phase: READING, attempts: 2 });
    },
  );

  it.each<[ParkCode, string]>([
    ["attempts", "/retry"],
    ["no-work", "/retry"],
    ["withheld", "/accept"],
  ])("names another way after %s", (code, way) => {
    const outcome = run("/resume", parked(code));
    expect(outcome.task.phase.state).toBe("parked");
    expect(replyOf(outcome)).toContain(way);
  });

  it("forgets failures of Steward", () => {
    expect(run("/resume", parked("our-failure", { ourFailures: 4 })).task).toMatchObject({
      phase: READING,
      ourFailures: 0,
    });
  });

  it("takes what was assumed as said, so that the author is not asked again", () => {
    const estimate = {
      tokens: 30_000,
      difficulty: "low" as const,
      source: "content" as const,
      confidence: 20,
      assumptions: [],
    };
    const { task } = run("/resume", parked("unclear", { estimate }));
    expect(task.estimate).toMatchObject({ tokens: 30_000, source: "command", confidence: 95 });
    expect(task.overrides).toEqual({ tokens: 30_000, difficulty: "low" });
  });

  it("leaves a pull request behind that was merged into another branch, and lets the gates judge its branch", () => {
    const { task } = run("/resume", parked("merged-elsewhere", { pull: 43 }));
    expect(task).toMatchObject({ phase: READING, recheck: true });
    expect(task).not.toHaveProperty("pull");
  });

  it.each([
    ["while the issue is closed", { issueOpen: false }, "reopen it"],
    ["while the branch is gone", { head: undefined }, "restore it"],
  ])("waits after such a merge %s", (_case, changes, way) => {
    const outcome = run("/resume", parked("merged-elsewhere"), changes);
    expect(outcome.task.phase.state).toBe("parked");
    expect(replyOf(outcome)).toContain(way);
  });

  it.each(["/retry", "/retest"])("is named by %s after such a merge", (words) => {
    const outcome = run(words, parked("merged-elsewhere"));
    expect(outcome.task.phase.state).toBe("parked");
    expect(replyOf(outcome)).toContain("/resume");
  });

  it("is refused when nothing waits", () => {
    expect(reactionOf(run("/resume"))).toBe("confused");
  });
});

describe("/accept", () => {
  const verdict = { ...sample.REJECTED, outcome: "withheld" as const };

  it("puts the withheld commit up for review, and says who did", () => {
    const outcome = run("/accept", parked("withheld", { verdict }));
    expect(outcome.task).toMatchObject({
      phase: REVIEW,
      verdict: { outcome: "accepted" },
      reason: "all gates pass on `3f9c2ab`, and `alice` accepted what the branch changed",
    });
    expect(replyOf(outcome)).toMatchInlineSnapshot(
      `"\`alice\` accepted \`3f9c2ab\` with its changes. Review and merge \`steward/issue-42-retry-uploads\` (#43); \`/retest\` checks it again."`,
    );
  });

  it.each([
    ["another reason to wait", parked("paused", { verdict })],
    ["a verdict that is not withheld", parked("withheld")],
    ["a task that does not wait", inPhase(VERIFYING, { verdict })],
  ])("accepts nothing for %s", (_case, task) => {
    expect(run("/accept", task).task).toBe(task);
  });
});

describe("/retest", () => {
  it.each([
    ["review", REVIEW],
    ["verifying", VERIFYING],
    ["queued", QUEUED],
  ] as const)("runs all gates again in %s", (_state, phase) => {
    expect(run("/retest", inPhase(phase)).task).toMatchObject({ phase: READING, recheck: true });
  });

  it("takes a gate's name and refuses others with the names", () => {
    const one = run("/retest `coverage`", inPhase(REVIEW)).task;
    expect(one).toMatchObject({ recheck: true, recheckGate: "coverage" });
    expect(run("/retest", { ...one, phase: REVIEW }).task).not.toHaveProperty("recheckGate");
    expect(replyOf(run("/retest e2e", inPhase(REVIEW)))).toBe(
      "There is no gate `e2e`; there are `build`, `lint`, `test`, `coverage`. `/retest` runs them all.",
    );
  });

  it("is refused while an agent works, and before there is work", () => {
    expect(reactionOf(run("/retest"))).toBe("confused");
    const { head, pull, ...task } = inPhase(QUEUED);
    expect(replyOf(run("/retest", task))).toContain("no work to test yet");
  });
});

describe("/estimate", () => {
  it("alone shows figures and parts", () => {
    expect(replyOf(run("/estimate"))).toMatchInlineSnapshot(`
      "3 files, medium, tests needed: about **42,900 tokens** of context (high confidence, 90 %; from the issue's form). Parts: 3 files × 7,000 + complexity 20,000 + tests 10,000 + documentation 0, all × 1.3.

      Correct it with \`/estimate 60000\`, \`/estimate high\`, or both."
    `);
    const { estimate, ...task } = taskWith();
    expect(replyOf(run("/estimate", task))).toContain("There is no estimate yet.");
  });

  it.each([
    ["60000", { tokens: 60_000 }],
    ["60,000", { tokens: 60_000 }],
    ["60_000 tokens", { tokens: 60_000 }],
    ["60K", { tokens: 60_000 }],
    ["60 k", { tokens: 60_000 }],
    ["1.5k", { tokens: 1_500 }],
    ["high", { difficulty: "high" }],
    ["Easy", { difficulty: "low" }],
    ["`hard` 20k", { difficulty: "high", tokens: 20_000 }],
  ])("reads %j", (args, overrides) => {
    const { task } = run(`/estimate ${args}`, inPhase(QUEUED));
    expect(task).toMatchObject({ phase: READING, overrides, estimate: { ...overrides, source: "command" } });
  });

  it.each(["0", "-5", "abc", "60000 70000", "high low", "60000 please", "1e9", "99999999999", "__proto__"])(
    "does not read %j",
    (args) => {
      const task = inPhase(QUEUED);
      const outcome = run(`/estimate ${args}`, task);
      expect(outcome.task).toBe(task);
      expect(replyOf(outcome)).toContain("Say `/estimate 60000`");
    },
  );

  it("forgets parts that no longer add up, and keeps them for a difficulty", () => {
    expect(run("/estimate 60000", inPhase(QUEUED)).task.estimate?.parts).toBeUndefined();
    expect(run("/estimate high", inPhase(QUEUED)).task.estimate?.parts).toBeDefined();
  });

  it.each([
    ["working", sample.WORKING],
    ["verifying", VERIFYING],
    ["review", REVIEW],
    ["parked", { state: "parked", code: "attempts", detail: "", since: 0 }],
  ] as const)("is kept for the next choice in %s", (_state, phase) => {
    const outcome = run("/estimate 60000", inPhase(phase));
    expect(outcome.task).toMatchObject({ phase, overrides: { tokens: 60_000 } });
    expect(replyOf(outcome)).toContain("It counts when an agent is chosen the next time");
  });

  it("lets a task go on that waits for a smaller figure", () => {
    expect(run("/estimate 60000", parked("too-large")).task.phase).toEqual(READING);
  });
});

describe("/agent", () => {
  it("asks for a profile, in any case", () => {
    const { task } = run("/agent `OPUS`", inPhase(QUEUED));
    expect(task).toMatchObject({ phase: READING, overrides: { agent: "opus" } });
  });

  it("is kept for the next choice while an agent works", () => {
    const outcome = run("/agent opus");
    expect(outcome.task).toMatchObject({ phase: sample.WORKING, overrides: { agent: "opus" } });
    expect(replyOf(outcome)).toBe("Noted: `opus`. It counts when an agent is chosen the next time; what runs goes on.");
  });

  it("works together with /retry in one comment", () => {
    const { task } = run("/agent opus\n/retry", parked("attempts", { attempts: 5 }));
    expect(task).toMatchObject({ phase: READING, attempts: 0, overrides: { agent: "opus" } });
  });

  it("names the nearest profile", () => {
    expect(replyOf(run("/agent sonet"))).toMatchInlineSnapshot(
      `"There is no agent \`sonet\`. There are \`glm\`, \`haiku\`, \`sonnet\`, \`opus\`, \`reviewer\`; perhaps \`/agent sonnet\`?"`,
    );
    expect(replyOf(run("/agent"))).toContain("There are `glm`, `haiku`");
    expect(replyOf(run("/agent opus", taskWith(), { profiles: {} }))).toContain("No agent profile is configured.");
  });

  it("takes no name that is not in the catalogue", () => {
    expect(run("/agent constructor").task.overrides).toEqual({});
  });
});

describe("/done", () => {
  it("is a claim of the external agent, with a commit where one is named", () => {
    expect(run("/done", inPhase(EXTERNAL)).task.claimed).toBe(true);
    expect(run("/done `3F9C2AB`", inPhase(EXTERNAL)).task.claimed).toBe(true);
    expect(run("/done with tests", inPhase(EXTERNAL)).task.claimed).toBe(true);
  });

  it("is refused for a commit at which the branch does not stand", () => {
    const outcome = run("/done 1234567", inPhase(EXTERNAL));
    expect(outcome.task.claimed).toBe(false);
    expect(replyOf(outcome)).toBe(
      "The branch stands at `3f9c2ab`, not at `1234567`. Push it, then write `/done` again.",
    );
    expect(replyOf(run("/done 1234567", inPhase(EXTERNAL), { head: undefined }))).toContain("The branch is not there");
  });

  it.each([
    ["an agent on a runner", sample.WORKING],
    ["nobody", QUEUED],
  ] as const)("is refused for %s", (_who, phase) => {
    const outcome = run("/done", inPhase(phase));
    expect(outcome.task.claimed).toBe(false);
  });

  it("may be said by the account that was asked, and by no other reader", () => {
    const reader = { permission: "read" as const };
    const own = { ...reader, by: { id: 9, login: "Reviewer-Bot" } };
    expect(run("/done", inPhase(EXTERNAL), own).task.claimed).toBe(true);
    expect(run("/done", inPhase(EXTERNAL), reader).task.claimed).toBe(false);
    expect(run("/cancel", inPhase(EXTERNAL), own).task.phase).toEqual(EXTERNAL);
  });
});

describe("a task that is over", () => {
  it.each(COMMANDS.map((command) => command.name))("answers /%s without being changed", (name) => {
    for (const state of ["done", "cancelled"] as const) {
      const task = inPhase({ state, detail: "" });
      const outcome = run(`/${name} high`, task);
      expect(outcome.task).toBe(task);
      expect(replyOf(outcome)).not.toBe("");
    }
  });

  it("says how it starts anew", () => {
    expect(replyOf(run("/retry", inPhase({ state: "done", detail: "" })))).toBe(
      "This is done. Unassign me and assign me again to start anew; the history stays.",
    );
  });
});

describe("who may", () => {
  it.each<[string, Partial<CommandsRequest>]>([
    ["a reader", { permission: "read" }],
    ["a stranger", { permission: "none" }],
    ["somebody whose permission is hidden", { permission: "unknown" }],
    ["an unknown editor, even of a writer's comment", { editorUnknown: true }],
  ])("not: %s, who gets one short sentence however many commands", (_who, changes) => {
    const task = taskWith();
    const outcome = run("/cancel\n/retry\n/help\n/nonsense", task, changes);
    expect(outcome.task).toBe(task);
    expect(reactionOf(outcome)).toBe("confused");
    expect(replyOf(outcome)).not.toBe("");
    expect(replyOf(outcome)).not.toContain("\n");
    expect(replyOf(outcome).length).toBeLessThan(250);
  });

  it("says what the operator must change when it cannot tell", () => {
    expect(replyOf(run("/help", taskWith(), { permission: "unknown" }))).toMatchInlineSnapshot(
      `"I cannot tell whether you may: the forge does not show me permissions. The operator can give my account administrator rights on the repository; then please write the command again."`,
    );
  });
});

describe("replies", () => {
  it("are one a comment, found again by their key", () => {
    const { notices } = run("/status\n/help\n/status");
    expect(notices.map((notice) => notice.kind)).toEqual(["reaction", "comment"]);
    const [, reply] = notices;
    expect(reply).toMatchObject({ key: "reply:500", thread: 42 });
    expect(reply?.kind === "comment" && hasCommentKey(reply.body, "reply:500")).toBe(true);
  });

  it("are another for an edit", () => {
    const { notices } = run("/help", taskWith(), { edit: "e1 -->" });
    expect(notices[1]).toMatchObject({ key: "reply:500:e1----" });
  });

  it("name the command each answer is for, and say the same once", () => {
    const reply = replyOf(run("/status\n/nonsense\n/status"));
    expect(reply.match(/\*\*`\/status`\*\*/g)).toHaveLength(1);
    expect(reply).toContain("**`/nonsense`**\n\nI do not know `/nonsense`.");
  });

  it("guess what was meant", () => {
    expect(replyOf(run("/retyr"))).toBe("I do not know `/retyr`. Did you mean `/retry`? `/help` lists what I can do.");
    expect(nearestCommand("zzzzzzzzzz")).toBeUndefined();
    expect(findCommand("RETRY")?.name).toBe("retry");
  });

  it("are none where there is nothing to say", () => {
    expect(run("/nothing here", taskWith(), { added: [] }).notices).toEqual([]);
    expect(run("/cancel").notices).toHaveLength(1);
  });

  it("repeat nothing harmful of what was written", () => {
    const line = HOSTILE.split("\n")[0] ?? "";
    const by = { id: 7, login: "all @everyone <!--" };
    const bodies = [`/estimate ${line}`, `/agent ${line}`, `/retest ${line}`, "/why", "/status"];
    for (const body of bodies) {
      const reply = replyOf(run(body, inPhase(REVIEW, { reason: HOSTILE, branch: HOSTILE }), { by }));
      expect(reply).not.toMatch(/Closes #1\b|@everyone|<!--/);
      expect(reply).not.toMatch(/^\/cancel/m);
    }
    expect(run("/pause", taskWith(), { by }).task.reason).not.toMatch(/@everyone|<!--/);
  });

  it("stay when a later command changes the task further, in the order of writing", () => {
    const { task } = run("/pause\n/resume");
    expect(task.phase).toEqual(READING);
    expect(task.stopping).toEqual([sample.runId(2)]);
  });
});
