/** The one status comment of a task, edited in place: state, reason, gates, checklist, sessions, next step. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { Limits } from "../domain/limits.ts";
import { activeRuns, type Blocker, profileOf, type Task } from "../domain/task.ts";
import { inlineCode, plainLine, tableCell, truncate } from "../lib/text.ts";
import { checklist } from "./checklist.ts";
import { plural, timeOfDay } from "./figures.ts";
import { gateRowsOf, gateTable } from "./gate-table.ts";
import { headline } from "./headline.ts";
import { commitLink, issueReference, runUrl } from "./links.ts";
import { commandLine, nextWords } from "./next-step-words.ts";
import { sentence } from "./sentence.ts";
import { costSentence, sessionsTable } from "./sessions-table.ts";

const MAX_REASON = 600;
const MAX_TITLE = 100;
/** Parts of the last line that change without anything having happened. */
const VOLATILE = /^<sub>Updated \d\d:\d\d:\d\d UTC(?: · first in the queue| · \d[\d,]* tasks? ahead in the queue)?/m;

/** Everything the status comment is made of. */
export interface StatusView {
  readonly task: Task;
  /** From `signMarker`. */
  readonly markerLine: string;
  readonly profiles: AgentProfiles;
  readonly limits: Limits;
  readonly publicUrl: string;
  readonly now: number;
  /** How many tasks wait in front of this one. */
  readonly queuePosition?: number | undefined;
  readonly repositoryUrl: string;
}

/** The comment's whole text, the marker first. */
export function statusComment(view: StatusView): string {
  const { task, limits } = view;
  const body = [
    `### ${headline(task, limits)}`,
    sentence(plainLine(truncate(task.reason, MAX_REASON))),
    blockerTable(task),
    gatesPart(view),
    checklist(task),
    sessionsPart(view),
    lastLine(view),
  ];
  return `${view.markerLine}\n${body.filter((part) => part !== "").join("\n\n")}\n`;
}

/** True when two texts differ in nothing that is worth an edit: the clock and the place in the queue alone are not. */
export function sameStatus(a: string, b: string): boolean {
  return withoutVolatile(a) === withoutVolatile(b);
}

function withoutVolatile(body: string): string {
  return body.replace(/\r\n/g, "\n").replace(VOLATILE, "<sub>").trimEnd();
}

function gatesPart({ task, publicUrl, repositoryUrl }: StatusView): string {
  const rows = gateRowsOf(task);
  if (rows.length === 0) return "";
  const sha = task.phase.state === "verifying" ? task.phase.verification.sha : task.verdict?.sha;
  const heading = sha === undefined ? "" : `Gates on ${commitLink(repositoryUrl, sha)}:\n\n`;
  return `${heading}${gateTable(rows, publicUrl)}`;
}

function blockerTable(task: Task): string {
  if (task.phase.state !== "blocked" || task.phase.blockers.length === 0) return "";
  const row = ({ issue, title, state }: Blocker) =>
    `| ${issueReference(task.id, issue)} | ${tableCell(inlineCode(truncate(title, MAX_TITLE)))} | ${blockerWords[state]} |`;
  return ["| blocker | title | |", "|:--|:--|:--|", ...task.phase.blockers.map(row)].join("\n");
}

const blockerWords: Readonly<Record<Blocker["state"], string>> = {
  open: "open",
  closed: "closed ✓",
  unreadable: "cannot be read, so it counts as open",
  doubtful: "is titled otherwise than the issue says, so it counts as open",
};

function sessionsPart(view: StatusView): string {
  const table = sessionsTable(view);
  if (table === "") return "";
  const sum = `This issue so far: ${costSentence(view.task.sessions)}.`;
  return `<details><summary>Sessions, tokens, cost</summary>\n\n${table}\n\n${sum}\n</details>`;
}

function lastLine(view: StatusView): string {
  const { task, profiles, publicUrl, queuePosition } = view;
  const profile = profileOf(task);
  const isExternal = profile !== undefined && profiles[profile]?.driver === "external";
  const { next, commands } = nextWords(task.phase, isExternal);
  const [live] = isExternal && task.phase.state === "working" ? [] : activeRuns(task.phase);
  const parts = [
    `Updated ${timeOfDay(view.now)}`,
    ...(queuePosition === undefined || task.phase.state !== "queued"
      ? []
      : [queuePosition === 0 ? "first in the queue" : `${plural(queuePosition, "task")} ahead in the queue`]),
    `next: ${next}`,
    commandLine(commands),
    ...(live === undefined ? [] : [`[live](${runUrl(publicUrl, live)})`]),
  ];
  return `<sub>${parts.join(" · ")}</sub>`;
}
