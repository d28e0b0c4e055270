/** A task: one issue that was assigned to the bot, from assignment to its end. The document that is stored. */
import { z } from "zod";
import { Brake } from "./brake.ts";
import { CommitStatus } from "./commit-status.ts";
import { Difficulty } from "./difficulty.ts";
import { Estimate } from "./estimate.ts";
import { RunId, Sha, TaskId } from "./ids.ts";
import { FinishedSession, Session } from "./session.ts";
import { Verdict } from "./verdict.ts";
import { Verification } from "./verification.ts";

/** Milliseconds since 1970, as the clock port gives them. */
const Timestamp = z.number().int().nonnegative();

/** An issue this task waits for. */
export const Blocker = z.object({
  /** `owner/name#n`. */
  issue: TaskId,
  /** `unreadable`: it cannot be read; `doubtful`: its title is not the one that was named. Both keep the task blocked. */
  state: z.enum(["open", "closed", "unreadable", "doubtful"]),
  title: z.string(),
});
export type Blocker = z.infer<typeof Blocker>;

/** Why a task waits for a person; each has its text and its way out in `report/parked-comment.ts`. */
export const ParkCode = z.enum([
  "too-large",
  "no-agent",
  "unclear",
  "no-gates",
  "bad-rules",
  "attempts",
  "no-work",
  "session-limit",
  "our-failure",
  "forge-refused",
  "withheld",
  "paused",
  "merged-elsewhere",
]);
export type ParkCode = z.infer<typeof ParkCode>;

/** The state and what belongs to it alone. */
export const Phase = z.discriminatedUnion("state", [
  z.object({ state: z.literal("reading") }),
  z.object({ state: z.literal("blocked"), blockers: z.array(Blocker) }),
  z.object({ state: z.literal("queued"), profile: z.string(), since: Timestamp }),
  z.object({ state: z.literal("working"), session: Session }),
  z.object({ state: z.literal("verifying"), verification: Verification }),
  z.object({ state: z.literal("review"), sha: Sha }),
  z.object({ state: z.literal("parked"), code: ParkCode, detail: z.string(), since: Timestamp }),
  z.object({ state: z.literal("done"), detail: z.string() }),
  z.object({ state: z.literal("cancelled"), detail: z.string() }),
]);
export type Phase = z.infer<typeof Phase>;
/** The name of a state. */
export type TaskState = Phase["state"];

/** What is still to be said. Saying it twice says it once: comments have keys, statuses are looked at first; removed when it is there. */
export const Notice = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("comment"), key: z.string(), thread: z.number().int().positive(), body: z.string() }),
  z.object({
    kind: z.literal("reaction"),
    comment: z.number().int().positive(),
    content: z.enum(["rocket", "confused"]),
  }),
  /** The last word on a commit whose gates are over: the document may speak of another one before it is said. */
  z.object({ kind: z.literal("statuses"), sha: Sha, statuses: z.array(CommitStatus) }),
]);
export type Notice = z.infer<typeof Notice>;

/** What people decided by command; it outlives a new reading of the issue. */
export const Overrides = z.object({
  tokens: z.number().int().positive().optional(),
  difficulty: Difficulty.optional(),
  agent: z.string().optional(),
});
export type Overrides = z.infer<typeof Overrides>;

/** How far each thread's comments and reviews were handled. Ids ascend within a thread. */
export const Watermarks = z.object({
  issueComment: z.number().int().nonnegative(),
  pullComment: z.number().int().nonnegative(),
  review: z.number().int().nonnegative(),
  /** The newest time that a person took the label of a parked task away; absent: nobody did. */
  release: z.number().int().nonnegative().optional(),
});
export type Watermarks = z.infer<typeof Watermarks>;

/** Reviews that ask for changes, from when they are taken up until a commit that answers them is accepted. */
export const OpenReviews = z.object({
  ids: z.array(z.number().int().positive()),
  /** The accepted commit that they are about. */
  of: Sha,
  /** True from the first claim on: the gates decide from there. */
  answered: z.boolean(),
});
export type OpenReviews = z.infer<typeof OpenReviews>;

export const Task = z.object({
  id: TaskId,
  /** Raised by every write; a write names the version it read. */
  version: z.number().int().nonnegative(),
  phase: Phase,
  /** Why it is in this state, in words. */
  reason: z.string(),
  title: z.string(),
  /** Timeline id of the assignment (or 0 where the timeline does not tell): a newer one starts a stopped task again. */
  assignment: z.number().int().nonnegative(),
  /** Who assigned it, and is asked for a review; absent where the forge did not tell. */
  assigner: z.string().optional(),
  estimate: Estimate.optional(),
  /** Hash of the title and body that were read. */
  contentHash: z.string(),
  /** Issues named as blockers when the issue was read. */
  blockedBy: z.array(TaskId),
  overrides: Overrides,
  branch: z.string(),
  /** The branch's head as Steward last began on it, pushed or judged it (the base before a first push); any other was pushed since. */
  head: Sha.optional(),
  /** The commit whose rejection was counted last: judged once more, it is not counted twice. */
  rejected: Sha.optional(),
  pull: z.number().int().positive().optional(),
  reviews: OpenReviews.optional(),
  /** How the session before ended, for the next one to be told; a judgement of the work takes its place. */
  lastEnd: z.string().optional(),
  /** The strongest profile that could not do it: only stronger ones are chosen, until a person says otherwise. */
  outgrown: z.string().optional(),
  /** Rejected or fruitless sessions since a person last said `/retry`. */
  attempts: z.number().int().nonnegative(),
  /** Of those, how many with the present profile. */
  attemptsWithProfile: z.number().int().nonnegative(),
  /** Sessions in a row without observed work. */
  noWork: z.number().int().nonnegative(),
  /** Failures of ours in a row while trying to run a session. */
  ourFailures: z.number().int().nonnegative(),
  sessions: z.array(FinishedSession),
  verdict: Verdict.optional(),
  handled: Watermarks,
  /** How often whose words were obeyed here lately. */
  brake: Brake.optional(),
  /** Keys of announced edits that were handled, newest last, bounded. */
  handledEdits: z.array(z.string()),
  notices: z.array(Notice),
  /** Runs that no phase refers to any more and that must still be cancelled. */
  stopping: z.array(RunId),
  /** A person asked for the gates again: verify the branch's head without earlier results. */
  recheck: z.boolean(),
  /** The one gate that was asked for; of the others earlier results count. Absent: all. */
  recheckGate: z.string().optional(),
  /** The branch's head was claimed to be done by somebody who is not a session (`/done`). */
  claimed: z.boolean(),
  /** Nothing is started before this: after a failure of ours, or while an old session may still run. */
  notBefore: Timestamp,
  /** The outside may not agree with this document yet: set by every write, cleared when all of it was published. */
  unpublished: z.boolean(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Task = z.infer<typeof Task>;

const OPEN_STATES: readonly TaskState[] = ["reading", "blocked", "queued", "working", "verifying", "review", "parked"];

/** True until the task is done or cancelled. */
export function isOpen(task: Task): boolean {
  return OPEN_STATES.includes(task.phase.state);
}

/** The runs that a phase has under way. */
export function activeRuns(phase: Phase): readonly RunId[] {
  if (phase.state === "working") return [phase.session.run];
  if (phase.state !== "verifying") return [];
  const { gates, inspection } = phase.verification;
  return [
    ...gates.filter((gate) => !gate.result).map((gate) => gate.run),
    ...(inspection.result ? [] : [inspection.run]),
  ];
}

/** The task in another phase; runs that the new phase does not know are marked to be cancelled. */
export function enterPhase(task: Task, phase: Phase, reason: string): Task {
  const kept = activeRuns(phase);
  const left = activeRuns(task.phase).filter((run) => !kept.includes(run));
  return { ...task, phase, reason, stopping: [...task.stopping, ...left] };
}

/** What is known of a task when its issue is first seen. */
export type TaskSeed = Pick<Task, "id" | "title" | "branch"> & { readonly now: number };

/** A task at its beginning. */
export function newTask({ now, ...seed }: TaskSeed): Task {
  return {
    ...seed,
    version: 0,
    phase: { state: "reading" },
    reason: "reading the issue",
    assignment: 0,
    contentHash: "",
    blockedBy: [],
    overrides: {},
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
    unpublished: true,
    createdAt: now,
    updatedAt: now,
  };
}

/** The task as if nothing had failed yet. */
export function withFreshAttempts(task: Task): Task {
  return { ...task, attempts: 0, attemptsWithProfile: 0, noWork: 0, ourFailures: 0 };
}

/** The profile that works, is waited for, or worked last. */
export function profileOf({ phase, sessions }: Task): string | undefined {
  if (phase.state === "working") return phase.session.profile;
  return phase.state === "queued" ? phase.profile : sessions.at(-1)?.profile;
}

/** True when gates judged this commit and left something to do: a rejection, or reviews that nobody answered. */
export function isSentBack(task: Task, sha: Sha | undefined): boolean {
  const { verdict } = task;
  if (verdict === undefined || verdict.sha !== sha) return false;
  return verdict.outcome === "rejected" || (verdict.outcome === "accepted" && unansweredReviews(task) !== undefined);
}

/** The reviews that still wait for an answer: nobody has claimed to have taken them up. */
export function unansweredReviews({ reviews }: Task): OpenReviews | undefined {
  return reviews?.answered === false ? reviews : undefined;
}
