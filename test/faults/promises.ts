/** What must be true at the end, whatever was killed: each broken promise as a sentence. */
import { stateLabel } from "../../src/report/labels.ts";
import { type AgentRecords, overlaps } from "./agent-records.ts";
import type { FaultIssue } from "./cast.ts";
import type { Stage } from "./fault-world.ts";
import type { CommentSeen, Sight, StatusSeen } from "./people.ts";

const KEY = /^<!-- steward:(\S+) /;

/** Everything that people see and agents recorded, held against the promises. */
export function brokenPromises(sight: Sight, { cast, agents }: Stage): readonly string[] {
  return [
    ...cast.flatMap((issue) => brokenFor(issue, sight).map((words) => `#${issue.number} ${words}`)),
    ...Object.entries(sight.statuses).flatMap(([sha, statuses]) =>
      brokenStatuses(statuses).map((words) => `${sha.slice(0, 7)} ${words}`),
    ),
    ...cast.filter(hasWork).flatMap(({ number }) => differs(`#${number} recorded`, hasRecord(agents, number), true)),
    ...overlaps(agents.intervals()).map((words) => `two sessions at once, ${words}`),
  ];
}

function hasWork({ ends }: FaultIssue): boolean {
  return ends === "done" || ends === "review";
}

function hasRecord(agents: AgentRecords, number: number): boolean {
  return agents.intervals().some(({ task, from, to }) => task.endsWith(`#${number}`) && to > from);
}

function brokenFor(issue: FaultIssue, sight: Sight): readonly string[] {
  const seen = sight.issues.find(({ number }) => number === issue.number);
  const comments = seen?.comments ?? [];
  const own = comments.filter(({ user }) => user.login === "steward");
  const keys = own.map(({ body }) => KEY.exec(body)?.[1] ?? "a comment without a key");
  const label = stateLabel(issue.ends);
  const kinds = (kind: string) => keys.filter((key) => key.startsWith(kind)).length;
  const pulls = sight.pulls.filter(({ head }) => head.ref.startsWith(`steward/issue-${issue.number}-`));
  const branches = sight.branches.filter((name) => name.startsWith(`steward/issue-${issue.number}-`));
  const worked = hasWork(issue);
  return [
    ...differs("label", seen?.labels.filter((name) => name.startsWith("agent/")).join(), label ?? ""),
    ...differs("issue", seen?.state, issue.ends === "done" ? "closed" : "open"),
    ...twice(keys).map((key) => `has ${key} twice`),
    ...differs("status comments", kinds("status"), 1),
    ...(worked ? differs("accepted reports", kinds("accepted:"), 1) : []),
    ...(worked ? differs("continuations", kinds("continuation:"), issue.rejections) : []),
    ...differs(
      "parked comments",
      kinds("parked:") > (issue.says.includes("/pause") ? 1 : 0) && issue.ends !== "parked",
      false,
    ),
    ...(worked ? differs("pull requests", pulls.length, 1) : many("pull requests", pulls.length)),
    ...(worked ? differs("branches", branches.length, 1) : many("branches", branches.length)),
    ...differs(
      "merged",
      pulls.some(({ merged }) => merged),
      issue.ends === "done",
    ),
    ...comments.filter(({ user }) => user.login === "alice").flatMap((comment) => brokenAnswer(comment, keys)),
    ...differs("comments of alice", comments.filter(({ user }) => user.login === "alice").length, issue.says.length),
  ];
}

/** Each comment of a person with a command is acknowledged by one reaction, and a question answered by one reply. */
function brokenAnswer(comment: CommentSeen, keys: readonly string[]): readonly string[] {
  const reactions = comment.reactions.filter((reaction) => reaction.startsWith("steward "));
  const replies = keys.filter((key) => key.startsWith(`reply:${comment.id}`)).length;
  const question = comment.body === "/help" || reactions.includes("steward confused");
  return [
    ...differs(`reactions to ${comment.body}`, reactions.length, 1),
    ...differs(`replies to ${comment.body}`, replies, question ? 1 : 0),
  ];
}

/** The newest status of each context says how it ended, and the verdict is the last word. */
function brokenStatuses(statuses: readonly StatusSeen[]): readonly string[] {
  const newest = new Map(statuses.map((status) => [status.context, status]));
  const verdict = newest.get("steward/verdict");
  const pending = [...newest.values()].filter(({ status }) => status === "pending");
  const failed = [...newest.values()].some(
    ({ context, status }) => context !== "steward/verdict" && status !== "success",
  );
  return [
    ...pending.map(({ context }) => `${context} is still pending`),
    ...differs("verdict", verdict?.status, failed ? "failure" : "success"),
    ...differs("last status", statuses.at(-1)?.context, "steward/verdict"),
  ];
}

function differs(what: string, found: unknown, wanted: unknown): readonly string[] {
  return found === wanted ? [] : [`${what}: ${found} instead of ${wanted}`];
}

function many(what: string, count: number): readonly string[] {
  return count > 1 ? [`${what}: ${count}`] : [];
}

function twice(keys: readonly string[]): readonly string[] {
  return [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))];
}
