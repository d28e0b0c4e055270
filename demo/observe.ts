/** What happened to the demo's issues, told while it happens and counted at the end, from what people see in the forge. */
import type { CommentSeen, ForgeClient, IssueSeen } from "./forge-client.ts";
import { DEMO_ISSUES, type DemoIssue } from "./issues.ts";

/** What is known of one issue at the end. */
export interface Outcome {
  readonly issue: DemoIssue;
  readonly agents: readonly string[];
  readonly attempts: number;
  readonly gates: string;
  readonly seconds: number;
  readonly ended: "merged" | "refused" | "not yet";
}

const AGENT_LABEL = /^agent\/(.+)$/;

/** The state of an issue as its label tells it. */
export function stateOf(issue: IssueSeen): string {
  const label = issue.labels?.map(({ name }) => AGENT_LABEL.exec(name)?.[1]).find((state) => state !== undefined);
  return label ?? (issue.state === "closed" ? "closed" : "waiting to be seen");
}

/** The headline of the bot's newest words on an issue. */
export function headlineOf(comments: readonly CommentSeen[]): string {
  const status = comments.find((comment) => comment.body.startsWith("<!-- steward:status"));
  return /^### (.+)$/m.exec(status?.body ?? "")?.[1] ?? "";
}

/** Reads how each issue ended. */
export async function readOutcomes(
  client: ForgeClient,
  endedAt: ReadonlyMap<number, number>,
): Promise<readonly Outcome[]> {
  return Promise.all(DEMO_ISSUES.map(async (issue) => readOutcome(client, issue, endedAt.get(issue.number) ?? 0)));
}

async function readOutcome(client: ForgeClient, issue: DemoIssue, seconds: number): Promise<Outcome> {
  const [seen, comments] = await Promise.all([client.issue(issue.number), client.comments(issue.number)]);
  const status = comments.find((comment) => comment.body.startsWith("<!-- steward:status"))?.body ?? "";
  const agents = [...status.matchAll(/^\| \[\d+\]\([^)]*\) \| `([\w-]+)` /gm)].map((row) => row[1] ?? "");
  const passed = [...status.matchAll(/^\| ✅/gm)].length;
  const failed = [...status.matchAll(/^\| ❌/gm)].length;
  return {
    issue,
    agents: [...new Set(agents)],
    attempts: agents.length,
    gates: passed + failed === 0 ? "none ran" : `${passed} of ${passed + failed} pass`,
    seconds,
    ended: endOf(seen),
  };
}

function endOf(seen: IssueSeen): Outcome["ended"] {
  if (seen.state === "closed") return "merged";
  return stateOf(seen) === "needs-human" ? "refused" : "not yet";
}

/** The outcomes as a table of plain text. */
export function outcomeTable(outcomes: readonly Outcome[]): string {
  const head = ["issue", "ended", "agents", "attempts", "gates", "time"];
  const rows = outcomes.map(({ issue, ended, agents, attempts, gates, seconds }) => [
    `#${issue.number} ${issue.title}`,
    ended,
    agents.join(", then ") || "none",
    `${attempts}`,
    gates,
    `${seconds.toFixed(1)} s`,
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
