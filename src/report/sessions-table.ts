/** Sessions, tokens and cost: what the gateway measured, and where it measured nothing. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { FinishedSession, Session } from "../domain/session.ts";
import type { SessionEnding } from "../domain/session-outcome.ts";
import type { Task } from "../domain/task.ts";
import type { Usage } from "../domain/usage.ts";
import { inlineCode, plainLine, tableCell } from "../lib/text.ts";
import { count, dollars, NOT_MEASURED, plural, shortTokens } from "./figures.ts";
import { runUrl } from "./links.ts";

const BAR_CELLS = 10;
const END_WORDS: Readonly<Record<SessionEnding, string>> = {
  claimed: "said it is done",
  stopped: "stopped early",
  limit: "reached its limit",
  "provider-error": "its model's provider failed",
  "push-refused": "its push was refused",
  error: "Steward failed",
  lost: "was lost with its runner",
  "not-recorded": "not recorded",
};

/** What the sessions table needs to know. */
export interface SessionsView {
  readonly task: Task;
  readonly profiles: AgentProfiles;
  readonly publicUrl: string;
}

/** The table of all sessions, the one under way last; empty text before the first. */
export function sessionsTable({ task, profiles, publicUrl }: SessionsView): string {
  const rows = [
    ...task.sessions.map((session) => finishedRow(session, profiles, publicUrl)),
    ...(task.phase.state === "working" ? [runningRow(task.phase.session, profiles, publicUrl)] : []),
  ];
  if (rows.length === 0) return "";
  return [
    "| session | agent | ended | context used | tokens in / cached / out | cost |",
    "|:--|:--|:--|:--|--:|--:|",
    ...rows,
  ].join("\n");
}

function finishedRow(session: FinishedSession, profiles: AgentProfiles, publicUrl: string): string {
  const { usage } = session;
  return row([
    ordinalCell(session, profiles, publicUrl),
    inlineCode(session.profile),
    endWords(session),
    contextCell(usage, profiles[session.profile]?.context),
    usage
      ? `${atLeast(usage)}${[usage.inputTokens, usage.cachedTokens, usage.outputTokens].map(count).join(" / ")}`
      : "",
    `${usage && session.costDollars !== undefined ? atLeast(usage) : ""}${usage ? dollars(session.costDollars) : ""}`,
  ]);
}

/** A claim that left nothing is told apart from one that gates judge. */
function endWords({ outcome, why, changed }: FinishedSession): string {
  const how = END_WORDS[outcome];
  const isKnown = outcome !== "lost" && outcome !== "not-recorded";
  const words = changed || !isKnown ? how : `${how}, nothing changed`;
  return why === undefined ? words : `${words}: ${plainLine(why)}`;
}

/** Where single requests could not be read the sums are a lower bound, and say so. */
function atLeast(usage: Usage): string {
  return usage.unmeasuredRequests ? "≥ " : "";
}

function runningRow(session: Session, profiles: AgentProfiles, publicUrl: string): string {
  const measured = isExternal(session, profiles) ? NOT_MEASURED : "measured at its end";
  return row([ordinalCell(session, profiles, publicUrl), inlineCode(session.profile), "at work", measured, "", ""]);
}

/** Where the work was done elsewhere there is no log to link. */
function ordinalCell(session: Session | FinishedSession, profiles: AgentProfiles, publicUrl: string): string {
  return isExternal(session, profiles)
    ? `${session.ordinal}`
    : `[${session.ordinal}](${runUrl(publicUrl, session.run)})`;
}

function isExternal({ profile }: Session | FinishedSession, profiles: AgentProfiles): boolean {
  return profiles[profile]?.driver === "external";
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(tableCell).join(" | ")} |`;
}

function contextCell(usage: Usage | undefined, limit: number | undefined): string {
  if (!usage) return NOT_MEASURED;
  if (limit === undefined) return `${shortTokens(usage.contextTokens)} tokens`;
  const share = usage.contextTokens / limit;
  const filled = Math.min(BAR_CELLS, Math.round(share * BAR_CELLS));
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR_CELLS - filled)}`;
  return `\`${bar}\` ${Math.round(share * 100)} % of ${shortTokens(limit)}`;
}

/** `2 sessions, $0.26`; what was not measured is counted, not guessed. */
export function costSentence(sessions: readonly FinishedSession[]): string {
  if (sessions.length === 0) return "no session yet";
  const measured = sessions.filter((session) => session.costDollars !== undefined);
  const sum = measured.reduce((total, session) => total + (session.costDollars ?? 0), 0);
  const open = sessions.length - measured.length;
  const number = plural(sessions.length, "session");
  if (measured.length === 0) return `${number}, cost ${NOT_MEASURED}`;
  const lowerBound = measured.some((session) => session.usage?.unmeasuredRequests) ? "at least " : "";
  return `${number}, ${lowerBound}${dollars(sum)}${open === 0 ? "" : ` (${open} of them ${NOT_MEASURED})`}`;
}
