/** What to do next with a task: the one place that decides it. Reads like the table of states, one function a state. */
import { assertNever } from "../lib/assert-never.ts";
import { LOWEST_CONFIDENCE } from "./estimate.ts";
import type { Sha } from "./ids.ts";
import { type Blocker, isSentBack, type ParkCode, type Task } from "./task.ts";

/** How a run stands, as far as the next step depends on it. */
export type RunProgress = "open" | "unmatched" | "ended" | "gone";

/** What was read from the forge and the queue just now. Absent: it is not there. */
export interface Facts {
  readonly now: number;
  readonly issue: { readonly open: boolean; readonly assigned: boolean; readonly contentHash: string } | undefined;
  /** Newest assignment of the bot; read only where it matters. */
  readonly assignment: number | undefined;
  readonly blockers: readonly Blocker[];
  /** The branch's head. */
  readonly head: Sha | undefined;
  readonly pull:
    | {
        readonly open: boolean;
        readonly merged: boolean;
        readonly intoDefault: boolean;
        /** The forge itself closed the issue with the merge, which it does whatever branch was merged into. */
        readonly closedIssue: boolean;
        readonly byAgent: boolean;
        /** The commit that it offers, or that was merged. */
        readonly head: Sha;
      }
    | undefined;
  /** Comments, or edits of comments, that were not looked at yet. */
  readonly unheard: boolean;
  /** There is a review that asks for changes and was not taken up yet. */
  readonly changesRequested: boolean;
  /** A person took away the label by which a parked task waits. */
  readonly released: boolean;
  /** How the phase's runs stand, all that have no result yet. */
  readonly runs: readonly RunProgress[];
}

export type Step =
  | { readonly do: "hear" }
  | { readonly do: "release" }
  | { readonly do: "restart"; readonly assignment: number }
  | { readonly do: "understand" }
  | { readonly do: "ask-author" }
  | { readonly do: "block" }
  | { readonly do: "unblock" }
  | { readonly do: "choose" }
  | { readonly do: "start-session" }
  | { readonly do: "end-session" }
  | { readonly do: "lose-session" }
  | { readonly do: "verify"; readonly sha: Sha }
  | { readonly do: "collect" }
  | { readonly do: "conclude" }
  | { readonly do: "take-reviews" }
  | { readonly do: "park-merged-elsewhere" }
  | { readonly do: "finish"; readonly detail: string }
  | { readonly do: "cancel"; readonly detail: string }
  /** Nothing to do now; `reason` says what is waited for where that changed, `until` when to look again. */
  | { readonly do: "wait"; readonly reason?: string; readonly until?: number };

const WAIT: Step = { do: "wait" };

/** The next thing to do with `task`, given `facts`. */
export function nextStep(task: Task, facts: Facts): Step {
  if (facts.unheard) return { do: "hear" };
  if (task.phase.state === "done" || task.phase.state === "cancelled") return afterEnd(task, facts);
  return ending(task, facts) ?? inPhase(task, facts);
}

function afterEnd(task: Task, facts: Facts): Step {
  if (!facts.issue?.open || !facts.issue.assigned) return WAIT;
  return (facts.assignment ?? 0) > task.assignment ? { do: "restart", assignment: facts.assignment ?? 0 } : WAIT;
}

function ending(task: Task, facts: Facts): Step | undefined {
  if (!facts.issue) return { do: "cancel", detail: "the issue was deleted" };
  const merged = facts.pull?.merged ? facts.pull : undefined;
  if (merged?.intoDefault) return { do: "finish", detail: mergedDetail(task, merged.head) };
  if (!facts.issue.open && !merged?.closedIssue) return { do: "finish", detail: "a person closed the issue" };
  if (!facts.issue.assigned) return { do: "cancel", detail: "I was unassigned" };
  if (merged) {
    const known = task.phase.state === "parked" && task.phase.code === "merged-elsewhere";
    return known ? undefined : { do: "park-merged-elsewhere" };
  }
  if (facts.pull && !facts.pull.open) return { do: "cancel", detail: "the pull request was closed without a merge" };
  return undefined;
}

/** A person may push and merge before the push was seen here. */
function mergedDetail({ phase, verdict }: Task, merged: Sha): string {
  const judged = phase.state === "review" ? phase.sha : verdict?.outcome === "accepted" ? verdict.sha : undefined;
  return judged === merged ? "merged with an accepted verdict" : "merged by a person without an accepted verdict";
}

function inPhase(task: Task, facts: Facts): Step {
  switch (task.phase.state) {
    case "reading":
      return reading(task, facts);
    case "blocked":
      return blocked(task, facts);
    case "queued":
      return queued(task, facts);
    case "working":
      return working(task, facts);
    case "verifying":
      return verifying(task, task.phase.verification.sha, facts);
    case "review":
      return review(task, facts);
    case "parked":
      return parked(task, facts);
    case "done":
    case "cancelled":
      return WAIT;
    default:
      return assertNever(task.phase);
  }
}

function reading(task: Task, facts: Facts): Step {
  if (facts.now < task.notBefore) return { do: "wait", until: task.notBefore };
  if (!task.estimate || wasEdited(task, facts)) return { do: "understand" };
  if (facts.head && (task.recheck || task.claimed || isUnjudged(task, facts) || wasPushed(task, facts)))
    return { do: "verify", sha: facts.head };
  if (task.estimate.confidence < LOWEST_CONFIDENCE) return { do: "ask-author" };
  return isBlocked(facts) ? { do: "block" } : { do: "choose" };
}

function blocked(task: Task, facts: Facts): Step {
  if (wasEdited(task, facts)) return { do: "understand" };
  if (!isBlocked(facts)) return { do: "unblock" };
  return sameBlockers(task, facts) ? WAIT : { do: "block" };
}

function queued(task: Task, facts: Facts): Step {
  if (wasEdited(task, facts)) return { do: "understand" };
  if (facts.head && wasPushed(task, facts)) return { do: "verify", sha: facts.head };
  if (isBlocked(facts)) return { do: "block" };
  return facts.now < task.notBefore ? { do: "wait", until: task.notBefore } : { do: "start-session" };
}

function working(task: Task, facts: Facts): Step {
  const [run] = facts.runs;
  // An external agent has no run: it claims by `/done`, or by a pull request of its own.
  if (run === undefined) {
    const claimed = task.claimed || (facts.pull?.byAgent === true && isUnjudged(task, facts));
    return claimed && facts.head ? { do: "verify", sha: facts.head } : WAIT;
  }
  if (run === "ended") return { do: "end-session" };
  if (run === "gone") return { do: "lose-session" };
  return waitForRunner(task, facts);
}

function verifying(task: Task, sha: Sha, facts: Facts): Step {
  if (facts.head && facts.head !== sha) return { do: "verify", sha: facts.head };
  if (facts.runs.length === 0) return { do: "conclude" };
  if (facts.runs.includes("ended") || facts.runs.includes("gone")) return { do: "collect" };
  return waitForRunner(task, facts);
}

function review(task: Task, facts: Facts): Step {
  if (facts.head && facts.head !== task.head) return { do: "verify", sha: facts.head };
  return facts.changesRequested ? { do: "take-reviews" } : WAIT;
}

/** A push mends none of these. */
const DEAF_TO_PUSHES: readonly ParkCode[] = ["paused", "merged-elsewhere", "forge-refused"];

function parked(task: Task, facts: Facts): Step {
  if (task.phase.state !== "parked") return WAIT;
  const { code } = task.phase;
  if ((facts.assignment ?? 0) > task.assignment) return { do: "restart", assignment: facts.assignment ?? 0 };
  if (facts.released) return { do: "release" };
  if (DEAF_TO_PUSHES.includes(code)) return WAIT;
  if (facts.head && wasPushed(task, facts)) return { do: "verify", sha: facts.head };
  const waitsForText = code === "too-large" || code === "unclear" || code === "no-agent";
  return waitsForText && wasEdited(task, facts) ? { do: "understand" } : WAIT;
}

const NO_RUNNER = "no runner is up that can take this job";

/** Says that no runner is up, and does not say so any more when one is. */
function waitForRunner({ phase, reason }: Task, facts: Facts): Step {
  if (facts.runs.includes("unmatched")) return { do: "wait", reason: NO_RUNNER };
  if (reason !== NO_RUNNER) return WAIT;
  const what = phase.state === "working" ? `session ${phase.session.ordinal} is under way` : "the gates are under way";
  return { do: "wait", reason: what };
}

function wasEdited(task: Task, facts: Facts): boolean {
  return facts.issue !== undefined && facts.issue.contentHash !== task.contentHash;
}

/** Work on which an agent has nothing to do before gates judge it. A branch may also be there before any work. */
function isUnjudged(task: Task, facts: Facts): boolean {
  const isWork = facts.pull !== undefined || facts.head === task.verdict?.sha;
  return isWork && !isSentBack(task, facts.head);
}

/** A person pushed, or a session whose result was lost: whoever it was, the gates tell what it is worth. */
function wasPushed(task: Task, facts: Facts): boolean {
  return task.head !== undefined && facts.head !== undefined && facts.head !== task.head;
}

function isBlocked(facts: Facts): boolean {
  return facts.blockers.some((blocker) => blocker.state !== "closed");
}

function sameBlockers(task: Task, facts: Facts): boolean {
  if (task.phase.state !== "blocked") return false;
  const known = task.phase.blockers.map((blocker) => `${blocker.issue} ${blocker.state}`);
  return known.join() === facts.blockers.map((blocker) => `${blocker.issue} ${blocker.state}`).join();
}
