/** The parked comment: why a person is needed, what is there already, and how to go on. One text for each reason. */
import type { Limits } from "../domain/limits.ts";
import type { ParkCode, Task } from "../domain/task.ts";
import { inlineCode, plainLine, truncate } from "../lib/text.ts";
import { failuresTable } from "./failures-table.ts";
import { plural } from "./figures.ts";
import { withheldText } from "./integrity-list.ts";
import { branchAndPull } from "./links.ts";
import { sentence } from "./sentence.ts";
import { costSentence } from "./sessions-table.ts";

const MAX_DETAIL = 800;

/** Everything the parked comment is made of. */
export interface ParkedView {
  readonly task: Task;
  readonly code: ParkCode;
  /** The reason in words, as the phase has it. */
  readonly detail: string;
  readonly limits: Limits;
}

interface ParkText {
  readonly headline?: string;
  /** What happened. */
  readonly why: (view: ParkedView) => string;
  /** What a person can do, each with a command or an act. */
  readonly ways: readonly string[];
}

const RULES_FILE = "`.gitea/steward.yml`";
const TRY_AGAIN = ["`/retry` after you answered here", "`/agent <profile>` and `/retry` for another agent"];
const PUSH = "push a commit to the branch yourself and I check it";

const TEXTS: Readonly<Record<ParkCode, ParkText>> = {
  "too-large": {
    why: () => "This is too large for every agent I have.",
    ways: ["split it and join the parts with `Blocked by: #n`", "`/estimate 60000` if it is smaller than I think"],
  },
  "no-agent": {
    why: () => "No agent that I have can do this.",
    ways: [
      "`/agent <profile>` to name one",
      "`/estimate low` if it is easier than I think",
      "`/resume` when there is another profile",
    ],
  },
  unclear: {
    why: () => "I understand too little of this issue to start.",
    ways: [
      "edit the issue's text",
      "`/estimate 40000 medium` if you know the size",
      "`/resume` to start with what I assumed",
    ],
  },
  "no-gates": {
    why: () => "This repository has no gates, so nothing could tell whether the work is done.",
    ways: [`add gates to ${RULES_FILE} on the default branch, then \`/resume\``],
  },
  "bad-rules": {
    why: () => "The rules file on the default branch cannot be used.",
    ways: ["correct the file on the default branch, then `/resume`"],
  },
  attempts: {
    why: ({ task, limits }) =>
      `The gates still fail after ${task.attempts} of ${plural(limits.attempts, "attempt")}, with ${agentNames(task)}:`,
    ways: [...TRY_AGAIN, PUSH],
  },
  "no-work": {
    why: ({ task }) => `The sessions ended without any work that I can see, with ${agentNames(task)}.`,
    ways: [...TRY_AGAIN, PUSH],
  },
  "session-limit": {
    why: ({ limits }) =>
      `The session reached its limit (${limits["turn-minutes"]} minutes a run, ${limits["session-minutes"]} minutes a session).`,
    ways: ["`/retry` to give it another one", "split the issue", "or ask the operator to raise `turn-minutes`", PUSH],
  },
  "our-failure": {
    headline: "Steward failed",
    why: () => "This says nothing about the work: I could not do my part, and trying again did not help.",
    ways: ["ask the operator to look at the logs, then `/resume`"],
  },
  "forge-refused": {
    headline: "I am not allowed to go on",
    why: () => "This says nothing about the work: the forge refused something that I need for it.",
    ways: ["`/resume` when that is mended", "`/retry` for fresh attempts as well"],
  },
  withheld: {
    headline: "All gates pass, but please look first",
    why: ({ task }) => withheldText(task.verdict?.integrity ?? []),
    ways: ["`/accept` if these changes are right", "or push a commit that takes them back and I check it"],
  },
  paused: {
    headline: "Paused",
    why: () => "Nothing is started until somebody goes on.",
    ways: ["`/resume`", "`/cancel` to stop for good"],
  },
  "merged-elsewhere": {
    headline: "Merged, but not into the default branch",
    why: () => "A merge into another branch does not finish the issue.",
    ways: [
      "`/resume` and I open a pull request from the branch into the default branch",
      "or close the issue if that was meant (`/cancel` where the merge has closed it)",
    ],
  },
};

/** The comment's text, without its key line. */
export function parkedComment(view: ParkedView): string {
  const { task, code, detail } = view;
  const { headline = "I need a person", why, ways } = TEXTS[code];
  return [
    `### ${code === "paused" ? "⏸️" : "✋"} ${headline}`,
    why(view),
    ...(detail === "" ? [] : [sentence(plainLine(truncate(detail, MAX_DETAIL)))]),
    ...(code === "attempts" ? [failuresTable(task.verdict)] : []),
    workSoFar(task),
    `**Go on with:** ${ways.join(" · ")}.`,
    "<sub>`/status` `/why` `/help`</sub>",
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function workSoFar(task: Task): string {
  if (task.sessions.length === 0) return "";
  const cost = costSentence(task.sessions);
  const isThere = task.head !== undefined || task.pull !== undefined;
  return isThere ? `Work so far is on ${branchAndPull(task)}: ${cost}.` : `Nothing was pushed yet: ${cost}.`;
}

function agentNames(task: Task): string {
  const names = [...new Set(task.sessions.map((session) => session.profile))];
  return names.length === 0 ? "no agent" : names.map(inlineCode).join(" and with ");
}
