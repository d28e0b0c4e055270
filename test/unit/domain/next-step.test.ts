/** The table of states: what is done next, for each state and each thing that can have happened. */
import { describe, expect, test } from "vitest";
import { RunId, Sha, TaskId } from "../../../src/domain/ids.ts";
import { type Facts, nextStep } from "../../../src/domain/next-step.ts";
import type { Phase, Task } from "../../../src/domain/task.ts";
import type { Verdict, VerdictOutcome } from "../../../src/domain/verdict.ts";

const OLD = Sha.parse("a".repeat(40));
const NEW = Sha.parse("b".repeat(40));
const RUN = RunId.parse("1".repeat(32));
const OTHER = TaskId.parse("acme/widgets#1");

const task: Task = {
  id: TaskId.parse("acme/widgets#42"),
  version: 1,
  phase: { state: "reading" },
  reason: "",
  title: "Retry uploads",
  assignment: 10,
  estimate: { tokens: 40_000, difficulty: "medium", source: "form", confidence: 95, assumptions: [] },
  contentHash: "text",
  blockedBy: [],
  overrides: {},
  branch: "steward/issue-42-retry-uploads",
  attempts: 0,
  attemptsWithProfile: 0,
  noWork: 0,
  ourFailures: 0,
  sessions: [],
  handled: { issueComment: 0, pullComment: 0, review: 0 },
  handledEdits: [],
  notices: [],
  stopping: [],
  recheck: false,
  claimed: false,
  notBefore: 0,
  unpublished: false,
  createdAt: 1,
  updatedAt: 1,
};

const facts: Facts = {
  now: 1_000,
  issue: { open: true, assigned: true, contentHash: "text" },
  assignment: undefined,
  blockers: [],
  head: undefined,
  pull: undefined,
  unheard: false,
  changesRequested: false,
  released: false,
  runs: [],
};

const open = { open: true, assigned: true, contentHash: "text" };
const openPull = { open: true, merged: false, intoDefault: true, closedIssue: false, byAgent: false, head: OLD };
const mergedElsewhere = { ...openPull, open: false, merged: true, intoDefault: false };
const queued: Phase = { state: "queued", profile: "sonnet", since: 1 };
const working: Phase = {
  state: "working",
  session: { run: RUN, profile: "sonnet", ordinal: 1, base: OLD, instruction: "", startedAt: 1 },
};
const verifying: Phase = {
  state: "verifying",
  verification: {
    sha: OLD,
    base: OLD,
    gates: [],
    integrity: "withhold",
    inspection: { run: RUN, tries: 1 },
    fresh: false,
    startedAt: 1,
  },
};
const review: Phase = { state: "review", sha: OLD };
const done: Phase = { state: "done", detail: "" };
const cancelled: Phase = { state: "cancelled", detail: "" };
const openBlocker = { issue: OTHER, state: "open" as const, title: "First" };

function parked(code: "withheld" | "paused" | "too-large" | "forge-refused" | "merged-elsewhere" | "attempts"): Phase {
  return { state: "parked", code, detail: "", since: 1 };
}

function verdictOf(outcome: VerdictOutcome): Verdict {
  return { sha: OLD, outcome, results: [], integrity: [] };
}

const rows: readonly [string, Partial<Task>, Partial<Facts>, ReturnType<typeof nextStep>][] = [
  [
    "an unheard comment comes before everything",
    { phase: working },
    { unheard: true, issue: undefined },
    { do: "hear" },
  ],
  ["a finished task is left alone", { phase: done }, {}, { do: "wait" }],
  [
    "a finished task starts again when it is assigned again",
    { phase: done },
    { assignment: 11 },
    { do: "restart", assignment: 11 },
  ],
  [
    "a cancelled task does not start again by the assignment it had",
    { phase: cancelled },
    { assignment: 10 },
    { do: "wait" },
  ],
  [
    "a cancelled task whose issue is closed stays so",
    { phase: cancelled },
    { assignment: 11, issue: { open: false, assigned: true, contentHash: "" } },
    { do: "wait" },
  ],
  [
    "a deleted issue cancels",
    { phase: working },
    { issue: undefined },
    { do: "cancel", detail: "the issue was deleted" },
  ],
  [
    "unassigning cancels",
    { phase: working },
    { issue: { open: true, assigned: false, contentHash: "text" } },
    { do: "cancel", detail: "I was unassigned" },
  ],
  [
    "closing the issue finishes",
    { phase: queued },
    { issue: { open: false, assigned: true, contentHash: "text" } },
    { do: "finish", detail: "a person closed the issue" },
  ],
  [
    "a merge of an accepted commit finishes",
    { phase: review, head: OLD },
    { head: OLD, pull: { ...openPull, open: false, merged: true } },
    { do: "finish", detail: "merged with an accepted verdict" },
  ],
  [
    "a merge of a commit that was pushed after the accepted one says so",
    { phase: review, head: OLD },
    { head: NEW, pull: { ...openPull, head: NEW, open: false, merged: true } },
    { do: "finish", detail: "merged by a person without an accepted verdict" },
  ],
  [
    "a merge of an accepted commit on which a review asked for more finishes",
    { phase: queued, verdict: verdictOf("accepted") },
    { head: OLD, pull: { ...openPull, open: false, merged: true } },
    { do: "finish", detail: "merged with an accepted verdict" },
  ],
  [
    "a merge by a person without a verdict says so",
    { phase: verifying },
    { pull: { ...openPull, open: false, merged: true } },
    { do: "finish", detail: "merged by a person without an accepted verdict" },
  ],
  [
    "a merge elsewhere does not count as done",
    { phase: review },
    { pull: { ...openPull, open: false, merged: true, intoDefault: false } },
    { do: "park-merged-elsewhere" },
  ],
  [
    "a pull request closed without a merge cancels",
    { phase: review, head: OLD },
    { head: OLD, pull: { ...openPull, open: false } },
    { do: "cancel", detail: "the pull request was closed without a merge" },
  ],
  ["a new task is read first", { estimate: undefined }, {}, { do: "understand" }],
  [
    "an edited issue is read again before work begins",
    { phase: queued },
    { issue: { open: true, assigned: true, contentHash: "other" } },
    { do: "understand" },
  ],
  [
    "an edited issue does not disturb a session",
    { phase: working },
    { runs: ["open"], issue: { open: true, assigned: true, contentHash: "other" } },
    { do: "wait" },
  ],
  ["a rebuilt task waits until an old session is fenced", { notBefore: 2_000 }, {}, { do: "wait", until: 2_000 }],
  [
    "work nobody judged is judged before new work begins",
    {},
    { head: NEW, pull: openPull },
    { do: "verify", sha: NEW },
  ],
  [
    "work that Steward failed to judge is judged, also before it has a pull request",
    { verdict: verdictOf("failed") },
    { head: OLD },
    { do: "verify", sha: OLD },
  ],
  [
    "work whose verdict was withheld is no agent's",
    { verdict: verdictOf("withheld") },
    { head: OLD, pull: openPull },
    { do: "verify", sha: OLD },
  ],
  [
    "nor is accepted work",
    { verdict: verdictOf("accepted") },
    { head: OLD, pull: openPull },
    { do: "verify", sha: OLD },
  ],
  [
    "a rejected commit is an agent's",
    { verdict: verdictOf("rejected") },
    { head: OLD, pull: openPull },
    { do: "choose" },
  ],
  [
    "so is an accepted one whose review nobody answered",
    { verdict: verdictOf("accepted"), reviews: { ids: [7], of: NEW, answered: false } },
    { head: OLD, pull: openPull },
    { do: "choose" },
  ],
  [
    "a push whose session was lost is judged before anybody works again",
    { phase: queued, head: OLD, notBefore: 2_000 },
    { head: NEW },
    { do: "verify", sha: NEW },
  ],
  ["a push that a rebuilt task did not know of is judged", { head: OLD }, { head: NEW }, { do: "verify", sha: NEW }],
  [
    "a branch that was there before the first session is begun upon",
    { phase: queued },
    { head: OLD },
    { do: "start-session" },
  ],
  ["a claim by command is judged", { claimed: true }, { head: NEW }, { do: "verify", sha: NEW }],
  [
    "a recheck judges the same commit again",
    { recheck: true, verdict: { sha: NEW, outcome: "rejected", results: [], integrity: [] } },
    { head: NEW, pull: openPull },
    { do: "verify", sha: NEW },
  ],
  [
    "too little confidence asks the author",
    { estimate: { tokens: 1, difficulty: "low", source: "content", confidence: 20, assumptions: [] } },
    {},
    { do: "ask-author" },
  ],
  ["an open blocker blocks", {}, { blockers: [openBlocker] }, { do: "block" }],
  ["an unreadable blocker blocks", {}, { blockers: [{ ...openBlocker, state: "unreadable" }] }, { do: "block" }],
  [
    "a read task without blockers gets an agent",
    {},
    { blockers: [{ ...openBlocker, state: "closed" }] },
    { do: "choose" },
  ],
  [
    "a blocked task waits",
    { phase: { state: "blocked", blockers: [openBlocker] } },
    { blockers: [openBlocker] },
    { do: "wait" },
  ],
  [
    "a blocked task names what it waits for now",
    { phase: { state: "blocked", blockers: [openBlocker] } },
    { blockers: [{ ...openBlocker, state: "unreadable" }] },
    { do: "block" },
  ],
  [
    "a blocked task goes on when all is closed",
    { phase: { state: "blocked", blockers: [openBlocker] } },
    { blockers: [{ ...openBlocker, state: "closed" }] },
    { do: "unblock" },
  ],
  ["a blocker that reopens blocks a queued task", { phase: queued }, { blockers: [openBlocker] }, { do: "block" }],
  ["a queued task starts", { phase: queued }, {}, { do: "start-session" }],
  [
    "a queued task waits after a failure of ours",
    { phase: queued, notBefore: 2_000 },
    {},
    { do: "wait", until: 2_000 },
  ],
  ["a session that runs is waited for", { phase: working }, { runs: ["open"] }, { do: "wait" }],
  [
    "a session that no runner can take says so",
    { phase: working },
    { runs: ["unmatched"] },
    { do: "wait", reason: "no runner is up that can take this job" },
  ],
  ["a session that ended is judged by its result", { phase: working }, { runs: ["ended"] }, { do: "end-session" }],
  ["a lost session is noticed", { phase: working }, { runs: ["gone"] }, { do: "lose-session" }],
  ["an external agent's push alone is no claim", { phase: working }, { head: NEW }, { do: "wait" }],
  ["an external agent claims by command", { phase: working, claimed: true }, { head: NEW }, { do: "verify", sha: NEW }],
  [
    "an external agent claims by a pull request of its own",
    { phase: working },
    { head: NEW, pull: { ...openPull, byAgent: true } },
    { do: "verify", sha: NEW },
  ],
  ["gates that run are waited for", { phase: verifying }, { head: OLD, runs: ["open"] }, { do: "wait" }],
  [
    "a gate that ended is collected while others run",
    { phase: verifying },
    { head: OLD, runs: ["open", "ended"] },
    { do: "collect" },
  ],
  ["all results lead to the verdict", { phase: verifying }, { head: OLD }, { do: "conclude" }],
  [
    "a push while gates run starts them on the new commit",
    { phase: verifying },
    { head: NEW, runs: ["open"] },
    { do: "verify", sha: NEW },
  ],
  [
    "a person's push to an accepted branch is verified again",
    { phase: review, head: OLD },
    { head: NEW, pull: openPull },
    { do: "verify", sha: NEW },
  ],
  [
    "a review that asks for changes goes back to work",
    { phase: review, head: OLD },
    { head: OLD, pull: openPull, changesRequested: true },
    { do: "take-reviews" },
  ],
  [
    "an accepted branch waits for a person",
    { phase: review, head: OLD },
    { head: OLD, pull: openPull },
    { do: "wait" },
  ],
  ["a parked task waits", { phase: parked("attempts"), head: OLD }, { head: OLD }, { do: "wait" }],
  [
    "a parked task takes a person's push",
    { phase: parked("withheld"), head: OLD },
    { head: NEW, pull: openPull },
    { do: "verify", sha: NEW },
  ],
  ["a paused task does not", { phase: parked("paused"), head: OLD }, { head: NEW, pull: openPull }, { do: "wait" }],
  [
    "nor does one for which the forge refuses something",
    { phase: parked("forge-refused"), head: OLD },
    { head: NEW, pull: openPull },
    { do: "wait" },
  ],
  [
    "a parked task starts again when it is assigned again",
    { phase: parked("attempts") },
    { assignment: 11 },
    { do: "restart", assignment: 11 },
  ],
  [
    "a parked task whose label a person took away is released",
    { phase: parked("paused") },
    { released: true },
    { do: "release" },
  ],
  [
    "a task that was too large is read again when it was edited",
    { phase: parked("too-large") },
    { issue: { open: true, assigned: true, contentHash: "smaller" } },
    { do: "understand" },
  ],
  [
    "a merge elsewhere that closed the issue is no end",
    { phase: parked("merged-elsewhere") },
    { issue: { ...open, open: false }, pull: { ...mergedElsewhere, closedIssue: true } },
    { do: "wait" },
  ],
  [
    "a merge elsewhere is not waited over when a person closes the issue",
    { phase: parked("merged-elsewhere") },
    { issue: { ...open, open: false }, pull: mergedElsewhere },
    { do: "finish", detail: "a person closed the issue" },
  ],
  [
    "a merge elsewhere is not waited over when a person unassigns the bot",
    { phase: parked("merged-elsewhere") },
    { issue: { ...open, assigned: false }, pull: mergedElsewhere },
    { do: "cancel", detail: "I was unassigned" },
  ],
  [
    "a runner that came up is no longer missed",
    { phase: working, reason: "no runner is up that can take this job" },
    { runs: ["open"] },
    { do: "wait", reason: "session 1 is under way" },
  ],
  [
    "a runner that came up is no longer missed by gates",
    { phase: verifying, reason: "no runner is up that can take this job" },
    { head: OLD, runs: ["open"] },
    { do: "wait", reason: "the gates are under way" },
  ],
  [
    "a merge elsewhere is told once",
    { phase: parked("merged-elsewhere") },
    { pull: { ...openPull, open: false, merged: true, intoDefault: false } },
    { do: "wait" },
  ],
];

describe("nextStep", () => {
  test.each(rows)("%s", (_title, changes, seen, step) => {
    const { estimate, ...rest } = { ...task, ...changes };
    expect(nextStep({ ...rest, ...(estimate ? { estimate } : {}) }, { ...facts, ...seen })).toEqual(step);
  });
});
