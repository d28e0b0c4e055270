/** The checklist of the loop: what was done of it and what is left. */
import { profileOf, type Task } from "../domain/task.ts";
import { inlineCode } from "../lib/text.ts";
import { count, plural } from "./figures.ts";
import { issueReference, shortSha } from "./links.ts";

interface Step {
  readonly done: boolean;
  readonly text: string;
}

/** The loop as a task list; steps that this task does not have (no blockers) are left out. */
export function checklist(task: Task): string {
  const steps = [understood(task), ...waited(task), chosen(task), pull(task), gates(task), reviewed(task)];
  return steps.map(({ done, text }) => `- [${done ? "x" : " "}] ${text}`).join("\n");
}

function understood({ estimate }: Task): Step {
  if (!estimate) return { done: false, text: "Understood" };
  const files = estimate.parts ? `${plural(estimate.parts.files, "file")}, ` : "";
  return { done: true, text: `Understood: ${files}${estimate.difficulty}, about ${count(estimate.tokens)} tokens` };
}

function waited(task: Task): readonly Step[] {
  if (task.phase.state === "blocked") {
    const open = task.phase.blockers.filter((blocker) => blocker.state !== "closed");
    const names = open.map((blocker) => issueReference(task.id, blocker.issue)).join(", ");
    return [{ done: false, text: `Waits for ${names || "its blockers"}` }];
  }
  if (task.blockedBy.length === 0) return [];
  const names = task.blockedBy.map((issue) => issueReference(task.id, issue)).join(", ");
  return [{ done: hasStarted(task), text: `${hasStarted(task) ? "Waited" : "Waits"} for ${names}` }];
}

function chosen(task: Task): Step {
  const profile = profileOf(task);
  if (profile === undefined) return { done: false, text: "An agent is chosen" };
  return { done: true, text: `Chose ${inlineCode(profile)}: ${whyChosen(task, profile)}` };
}

function whyChosen(task: Task, profile: string): string {
  if (task.overrides.agent === profile) return "asked for by command";
  const before = [...new Set(task.sessions.map((session) => session.profile))].filter((name) => name !== profile);
  return before.length === 0 ? "the cheapest that can do it" : `after ${before.map(inlineCode).join(", ")}`;
}

function pull(task: Task): Step {
  const branch = inlineCode(task.branch);
  return task.pull === undefined
    ? { done: false, text: `Pull request on ${branch}` }
    : { done: true, text: `Pull request #${task.pull} on ${branch}` };
}

function gates(task: Task): Step {
  if (!isAccepted(task)) return { done: false, text: "All gates pass on one commit" };
  const sha = task.phase.state === "review" ? task.phase.sha : task.verdict?.sha;
  return { done: true, text: `All gates pass on one commit${sha === undefined ? "" : `: \`${shortSha(sha)}\``}` };
}

function reviewed(task: Task): Step {
  if (task.phase.state === "done") return { done: true, text: "Reviewed and merged" };
  return { done: task.phase.state === "review", text: "Ready for your review" };
}

/** Work that goes on after a verdict makes that verdict history. */
function isAccepted({ phase, verdict }: Task): boolean {
  return phase.state === "review" || (phase.state === "done" && verdict?.outcome === "accepted");
}

function hasStarted(task: Task): boolean {
  return profileOf(task) !== undefined;
}
