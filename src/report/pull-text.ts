/** Title and description of the task's pull request: one closing reference, gates, sessions, cost, refusals. */

import type { AgentProfiles } from "../domain/agent-profile.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Task } from "../domain/task.ts";
import { inlineCode, neutralise, removeInvisible, truncate } from "../lib/text.ts";
import { gateTable, rowsFromResults } from "./gate-table.ts";
import { integrityTable } from "./integrity-list.ts";
import { commitLink } from "./links.ts";
import { costSentence, sessionsTable } from "./sessions-table.ts";

const MAX_TITLE = 200;
const MAX_REFUSED = 30;
const MAX_REFUSED_LENGTH = 200;
/** The forge reads these as "draft"; only Steward decides about that. */
const DRAFT_PREFIX = /^(?:\s*(?:WIP:|\[WIP\]:?))+\s*/i;

/** The issue's title, unable to close, mention or mark as draft. */
export function pullTitle(task: Task): string {
  const line = removeInvisible(task.title).replace(/\s+/g, " ").replace(DRAFT_PREFIX, "").trim();
  return line === "" ? `Issue ${issueRefFrom(task.id).number}` : neutralise(truncate(line, MAX_TITLE));
}

/** Everything the description is made of. */
export interface PullView {
  readonly task: Task;
  readonly profiles: AgentProfiles;
  readonly publicUrl: string;
  readonly repositoryUrl: string;
  /** What the gateway refused in all sessions. */
  readonly refused?: readonly string[] | undefined;
}

/** The description. */
export function pullBody(view: PullView): string {
  const { task } = view;
  const number = issueRefFrom(task.id).number;
  return [
    `Closes #${number}`,
    gatesPart(view),
    integrityPart(task),
    sessionsPart(view),
    refusedPart(view),
    `<sub>Steward keeps this text up to date; what happens now is in the status comment of issue ${number}.</sub>`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function gatesPart({ task: { verdict }, publicUrl, repositoryUrl }: PullView): string {
  if (!verdict) return "No gate has finished yet. The commit statuses say what runs.";
  return `**Gates on ${commitLink(repositoryUrl, verdict.sha)}**\n\n${gateTable(rowsFromResults(verdict.results), publicUrl)}`;
}

function integrityPart({ verdict }: Task): string {
  if (!verdict || verdict.integrity.length === 0) return "";
  return `**What the branch changed of its gates and tests**\n\n${integrityTable(verdict.integrity)}`;
}

function sessionsPart(view: PullView): string {
  const table = sessionsTable(view);
  return table === "" ? "" : `**Sessions:** ${costSentence(view.task.sessions)}\n\n${table}`;
}

function refusedPart({ task, refused = [] }: PullView): string {
  const hosts = (task.verdict?.results ?? []).flatMap((result) => result.refusedHosts);
  const all = [...new Set([...refused, ...hosts])];
  if (all.length === 0) return "";
  const shown = all.slice(0, MAX_REFUSED).map((what) => inlineCode(truncate(what, MAX_REFUSED_LENGTH)));
  const rest = all.length - shown.length;
  return `**Refused on the way out of the sandbox:** ${shown.join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
