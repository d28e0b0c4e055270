/** The first line of the status comment: what happens now, in one sentence with a sign. */
import type { Limits } from "../domain/limits.ts";
import type { Blocker, Phase, Task } from "../domain/task.ts";
import { assertNever } from "../lib/assert-never.ts";
import { inlineCode } from "../lib/text.ts";
import { plural } from "./figures.ts";
import { issueReference, shortSha } from "./links.ts";

/** Blockers that are named one by one in a headline. */
const NAMED_BLOCKERS = 3;

/** The headline without its `###`. */
export function headline(task: Task, limits: Limits): string {
  const { phase } = task;
  switch (phase.state) {
    case "reading":
      return "👀 Reading the issue";
    case "blocked":
      return `⏳ Waiting for ${blockerNames(task, phase.blockers)}`;
    case "queued":
      return `🕒 Queued for ${inlineCode(phase.profile)}${attemptWords(task, limits)}`;
    case "working":
      return workingHeadline(task, phase.session.profile, limits);
    case "verifying":
      return verifyingHeadline(phase.verification);
    case "review":
      return `✅ All gates pass on \`${shortSha(phase.sha)}\`: ready for your review`;
    case "parked":
      return phase.code === "paused" ? "⏸️ Paused" : "✋ I need a person";
    case "done":
      return "🏁 Done";
    case "cancelled":
      return "⏹️ Stopped";
    default:
      return assertNever(phase);
  }
}

function workingHeadline(task: Task, profile: string, limits: Limits): string {
  const isContinuation = task.sessions.length > 0 && task.verdict?.outcome === "rejected";
  const words = isContinuation ? `🔁 Sent back to ${inlineCode(profile)}` : `🛠️ ${inlineCode(profile)} is at work`;
  return `${words}${attemptWords(task, limits)}`;
}

/** The attempt that is under way; a first one needs no words. */
function attemptWords(task: Task, limits: Limits): string {
  return task.attempts === 0 ? "" : ` · attempt ${task.attempts + 1} of ${limits.attempts}`;
}

function verifyingHeadline(verification: Extract<Phase, { state: "verifying" }>["verification"]): string {
  const finished = verification.gates.filter((gate) => gate.result).length;
  return `🔍 Checking \`${shortSha(verification.sha)}\`: ${finished} of ${plural(verification.gates.length, "gate")} finished`;
}

function blockerNames(task: Task, blockers: readonly Blocker[]): string {
  const open = blockers.filter((blocker) => blocker.state !== "closed");
  if (open.length === 0 || open.length > NAMED_BLOCKERS) return plural(open.length, "blocker");
  return open.map((blocker) => issueReference(task.id, blocker.issue)).join(", ");
}
