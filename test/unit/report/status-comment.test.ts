/** What people read in the status comment, state by state. */
import { describe, expect, it } from "vitest";
import { TaskId } from "../../../src/domain/ids.ts";
import type { FinishedSession } from "../../../src/domain/session.ts";
import type { SessionEnding } from "../../../src/domain/session-outcome.ts";
import type { Phase, Task } from "../../../src/domain/task.ts";
import { type StatusView, sameStatus, statusComment } from "../../../src/report/status-comment.ts";
import * as sample from "../../support/sample-task.ts";

const { NOW, SHA, taskWith } = sample;
const LINE = "<!-- steward:status v1 abc.def -->";

function comment(task: Task, changes: Partial<StatusView> = {}): string {
  return statusComment({
    task,
    markerLine: LINE,
    profiles: sample.PROFILES,
    limits: sample.LIMITS,
    publicUrl: sample.PUBLIC_URL,
    now: NOW,
    repositoryUrl: sample.REPOSITORY_URL,
    ...changes,
  });
}

function headlineOf(phase: Phase, changes: Partial<Task> = {}): string | undefined {
  return comment(taskWith({ phase, ...changes })).split("\n")[1];
}

describe("the status comment", () => {
  it("shows a task that was sent back", () => {
    expect(comment(taskWith())).toMatchInlineSnapshot(`
      "<!-- steward:status v1 abc.def -->
      ### 🔁 Sent back to \`sonnet\` · attempt 2 of 5

      \`coverage\` needs 85 % of lines, found 83.1 %. The agent is working on it again.

      Gates on [\`3f9c2ab\`](https://git.example/acme/widgets/commit/3f9c2ab000000000000000000000000000000000):

      | gate | result | time | |
      |:--|:--|--:|:--|
      | ✅ build | passed | 4.1 s | [log](https://steward.example/runs/0000000000000000000000000000000a) |
      | ✅ lint | passed | 2.3 s | [log](https://steward.example/runs/0000000000000000000000000000000b) |
      | ✅ test | 214 passed | 11.9 s | [log](https://steward.example/runs/0000000000000000000000000000000c) |
      | ❌ coverage | 83.1 %, needs 85 % | 12.4 s | [log](https://steward.example/runs/0000000000000000000000000000000d) |

      - [x] Understood: 3 files, medium, about 42,900 tokens
      - [x] Waited for #40
      - [x] Chose \`sonnet\`: the cheapest that can do it
      - [x] Pull request #43 on \`steward/issue-42-retry-uploads\`
      - [ ] All gates pass on one commit
      - [ ] Ready for your review

      <details><summary>Sessions, tokens, cost</summary>

      | session | agent | ended | context used | tokens in / cached / out | cost |
      |:--|:--|:--|:--|--:|--:|
      | [1](https://steward.example/runs/00000000000000000000000000000001) | \`sonnet\` | said it is done | \`██████░░░░\` 61 % of 200 K | 182,400 / 141,000 / 9,120 | $0.21 |
      | [2](https://steward.example/runs/00000000000000000000000000000002) | \`sonnet\` | at work | measured at its end |  |  |

      This issue so far: 1 session, $0.21.
      </details>

      <sub>Updated 14:02:31 UTC · next: gates run when the agent is done · \`/pause\` \`/cancel\` \`/status\` \`/why\` \`/help\` · [live](https://steward.example/runs/00000000000000000000000000000002)</sub>
      "
    `);
  });

  it("shows running gates beside finished ones", () => {
    const verification = sample.verificationWith([
      sample.gateResult("build", { reused: true, summary: "passed" }),
      sample.gateResult("lint", { outcome: "error", summary: "runner lost" }),
    ]);
    verification.gates[2] = { gate: sample.gate("test", "npm test"), run: sample.runId(9), tries: 2 };
    expect(comment(taskWith({ phase: { state: "verifying", verification } }))).toMatchInlineSnapshot(`
      "<!-- steward:status v1 abc.def -->
      ### 🔍 Checking \`3f9c2ab\`: 2 of 4 gates finished

      \`coverage\` needs 85 % of lines, found 83.1 %. The agent is working on it again.

      Gates on [\`3f9c2ab\`](https://git.example/acme/widgets/commit/3f9c2ab000000000000000000000000000000000):

      | gate | result | time | |
      |:--|:--|--:|:--|
      | ✅ build | passed · reused: same tree | | [log](https://steward.example/runs/0000000000000000000000000000000a) |
      | ⚠️ lint | Steward failed: runner lost | 4.1 s | [log](https://steward.example/runs/0000000000000000000000000000000a) |
      | 🟡 test | running, try 2: Steward failed before | | [log](https://steward.example/runs/00000000000000000000000000000009) |
      | 🟡 coverage | running | | [log](https://steward.example/runs/00000000000000000000000000000017) |

      - [x] Understood: 3 files, medium, about 42,900 tokens
      - [x] Waited for #40
      - [x] Chose \`sonnet\`: the cheapest that can do it
      - [x] Pull request #43 on \`steward/issue-42-retry-uploads\`
      - [ ] All gates pass on one commit
      - [ ] Ready for your review

      <details><summary>Sessions, tokens, cost</summary>

      | session | agent | ended | context used | tokens in / cached / out | cost |
      |:--|:--|:--|:--|--:|--:|
      | [1](https://steward.example/runs/00000000000000000000000000000001) | \`sonnet\` | said it is done | \`██████░░░░\` 61 % of 200 K | 182,400 / 141,000 / 9,120 | $0.21 |

      This issue so far: 1 session, $0.21.
      </details>

      <sub>Updated 14:02:31 UTC · next: the verdict, when all gates are finished · \`/retest\` \`/pause\` \`/cancel\` \`/status\` \`/why\` \`/help\` · [live](https://steward.example/runs/00000000000000000000000000000009)</sub>
      "
    `);
  });

  it("names blockers with their titles made harmless", () => {
    const blockers = [
      { issue: TaskId.parse("acme/widgets#40"), state: "open" as const, title: sample.HOSTILE },
      { issue: TaskId.parse("acme/secret#3"), state: "unreadable" as const, title: "" },
    ];
    const phase = { state: "blocked" as const, blockers };
    const task = taskWith({ phase, sessions: [], attempts: 0, reason: "Two issues are open." });
    const { verdict, pull, ...rest } = task;
    expect(comment(rest)).toMatchInlineSnapshot(`
      "<!-- steward:status v1 abc.def -->
      ### ⏳ Waiting for #40, acme/secret#3

      Two issues are open.

      | blocker | title | |
      |:--|:--|:--|
      | #40 | \`\`\`C​loses #​1 @​everyone \` \`\` --> <​!-- x --> \\| a \\​\\| b <img src=http://evil/p> [go](http://evil) &#64;eve…\`\`\` | open |
      | acme/secret#3 | \` \` | cannot be read, so it counts as open |

      - [x] Understood: 3 files, medium, about 42,900 tokens
      - [ ] Waits for #40, acme/secret#3
      - [ ] An agent is chosen
      - [ ] Pull request on \`steward/issue-42-retry-uploads\`
      - [ ] All gates pass on one commit
      - [ ] Ready for your review

      <sub>Updated 14:02:31 UTC · next: starts by itself when the blockers are closed · \`/pause\` \`/cancel\` \`/status\` \`/why\` \`/help\`</sub>
      "
    `);
  });

  it.each<[Phase, Partial<Task>, string]>([
    [{ state: "reading" }, {}, "### 👀 Reading the issue"],
    [{ state: "blocked", blockers: [] }, {}, "### ⏳ Waiting for 0 blockers"],
    [{ state: "queued", profile: "haiku", since: 0 }, { attempts: 0 }, "### 🕒 Queued for `haiku`"],
    [sample.WORKING, { sessions: [], attempts: 0 }, "### 🛠️ `sonnet` is at work"],
    [{ state: "review", sha: SHA }, {}, "### ✅ All gates pass on `3f9c2ab`: ready for your review"],
    [{ state: "parked", code: "no-work", detail: "", since: 0 }, {}, "### ✋ I need a person"],
    [{ state: "parked", code: "paused", detail: "", since: 0 }, {}, "### ⏸️ Paused"],
    [{ state: "done", detail: "" }, {}, "### 🏁 Done"],
    [{ state: "cancelled", detail: "" }, {}, "### ⏹️ Stopped"],
  ])("has a headline for %j", (phase, changes, expected) => {
    expect(headlineOf(phase, changes)).toBe(expected);
  });

  it("starts with the marker, so that it is found again", () => {
    expect(comment(taskWith()).startsWith(`${LINE}\n`)).toBe(true);
  });

  it("says where nothing was measured, and never 0", () => {
    const { usage, costDollars, ...unmeasured } = sample.SESSION;
    const text = comment(taskWith({ sessions: [unmeasured] }));
    expect(text).toContain("| said it is done | not measured |  |  |");
    expect(text).toContain("1 session, cost not measured.");
    expect(text).not.toContain("$0");
  });

  it("tells a claim without any work apart", () => {
    expect(comment(taskWith({ sessions: [{ ...sample.SESSION, changed: false }] }))).toContain(
      "| `sonnet` | said it is done, nothing changed |",
    );
    const stopped: FinishedSession = { ...sample.SESSION, outcome: "stopped", why: "printed more than 4 MiB" };
    expect(comment(taskWith({ sessions: [stopped] }))).toContain(
      "| `sonnet` | stopped early: printed more than 4 MiB |",
    );
  });

  it.each<[SessionEnding, string]>([
    ["provider-error", "its model's provider failed, nothing changed"],
    ["push-refused", "its push was refused, nothing changed"],
    ["error", "Steward failed, nothing changed"],
    ["lost", "was lost with its runner"],
    ["not-recorded", "not recorded"],
  ])("says of a session that ended as %s: %s", (outcome, words) => {
    const text = comment(taskWith({ sessions: [{ ...sample.SESSION, outcome, changed: false }] }));
    expect(text).toContain(`| \`sonnet\` | ${words} |`);
  });

  it("says that sums are a lower bound where a request could not be read", () => {
    const usage = { ...sample.SESSION.usage, unmeasuredRequests: 2 } as typeof sample.SESSION.usage;
    const text = comment(taskWith({ sessions: [{ ...sample.SESSION, usage }] }));
    expect(text).toContain("≥ 182,400 / 141,000 / 9,120 | ≥ $0.21");
    expect(text).toContain("at least $0.21");
  });

  it("shows free work as free when it was measured", () => {
    expect(comment(taskWith({ sessions: [{ ...sample.SESSION, costDollars: 0 }] }))).toContain("| $0.00 |");
  });

  it("counts tokens alone when the profile is no longer configured", () => {
    expect(comment(taskWith({ sessions: [{ ...sample.SESSION, profile: "gone" }] }))).toContain("| 122 K tokens |");
  });

  it("links no log where an external agent works", () => {
    const phase: Phase = {
      state: "working",
      session: { run: sample.runId(5), profile: "reviewer", ordinal: 2, base: SHA, instruction: "", startedAt: NOW },
    };
    const text = comment(taskWith({ phase }));
    expect(text).not.toContain(sample.runId(5));
    expect(text).toContain("`/done`");
  });

  it("says how an agent came to be chosen", () => {
    const stepped = taskWith({ sessions: [{ ...sample.SESSION, profile: "haiku" }] });
    expect(comment(stepped)).toContain("- [x] Chose `sonnet`: after `haiku`");
    expect(comment(taskWith({ overrides: { agent: "sonnet" } }))).toContain("Chose `sonnet`: asked for by command");
  });

  it("lets no foreign text out of its place", () => {
    const results = [sample.gateResult("test", { outcome: "failed", summary: sample.HOSTILE })];
    const sessions = [{ ...sample.SESSION, why: sample.HOSTILE }];
    const verdict = { ...sample.REJECTED, results };
    const text = comment(taskWith({ reason: sample.HOSTILE, sessions, verdict, branch: "steward/`x`|#1" }));
    expect(text).not.toMatch(/Closes #1|@everyone|<img|\]\(http:\/\/evil|^\/cancel|&#64;|\u202e/m);
    expect(text.match(/<!--/g)).toHaveLength(1);
  });
});

describe("an edit of the status comment", () => {
  const queued = taskWith({ phase: { state: "queued", profile: "sonnet", since: 0 } });

  it("is not worth it for the clock or the place in the queue", () => {
    expect(sameStatus(comment(queued, { queuePosition: 3 }), comment(queued, { now: NOW + 5_000 }))).toBe(true);
    expect(sameStatus(comment(queued, { queuePosition: 0 }), comment(queued, { queuePosition: 3 }))).toBe(true);
    expect(sameStatus(comment(queued).replaceAll("\n", "\r\n"), comment(queued))).toBe(true);
  });

  it("is worth it for anything else", () => {
    expect(sameStatus(comment(queued), comment({ ...queued, reason: "Updated 14:02:31 UTC" }))).toBe(false);
    expect(sameStatus(comment(queued), comment(queued, { markerLine: "<!-- steward:status v1 b.c -->" }))).toBe(false);
  });

  it("names the place in the queue", () => {
    expect(comment(queued, { queuePosition: 0 })).toContain("Updated 14:02:31 UTC · first in the queue · next");
    expect(comment(queued, { queuePosition: 1 })).toContain("Updated 14:02:31 UTC · 1 task ahead in the queue · next");
  });
});
