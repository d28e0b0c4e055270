/** What must be true at the end, whatever was killed: each broken promise as a sentence. */
import { gateContext, VERDICT_CONTEXT } from "../../src/domain/gate.ts";
import { stateLabel } from "../../src/report/labels.ts";
import { type AgentRecords, overlaps } from "./agent-records.ts";
import { type FaultIssue, GATES } from "./cast.ts";
import type { Stage } from "./fault-world.ts";
import type { CommentSeen, Sight, StatusSeen } from "./people.ts";

const KEY = /^<!-- steward:(\S+) /;

type Issue = Sight["issues"][number];
type Pull = Sight["pulls"][number];

/** Everything that people see and agents recorded, held against the promises. */
export function brokenPromises(sight: Sight, { cast, agents }: Pick<Stage, "cast" | "agents">): readonly string[] {
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

function hasRecord(agents: Pick<AgentRecords, "intervals">, number: number): boolean {
  return agents.intervals().some(({ task, from, to }) => task.endsWith(`#${number}`) && to > from);
}

function brokenFor(issue: FaultIssue, sight: Sight): readonly string[] {
  const seen = sight.issues.find(({ number }) => number === issue.number);
  if (!seen) return ["is not there"];
  const pulls = sight.pulls.filter(({ head }) => head.ref.startsWith(`steward/issue-${issue.number}-`));
  const branches = sight.branches.filter((name) => name.startsWith(`steward/issue-${issue.number}-`));
  const judged = pulls.length === 1 ? pulls.flatMap((pull) => brokenVerdicts(issue, seen, pull, sight)) : [];
  return [
    ...differs("label", seen.labels.filter((name) => name.startsWith("agent/")).join(), stateLabel(issue.ends) ?? ""),
    ...differs("issue", seen.state, issue.ends === "done" ? "closed" : "open"),
    ...brokenThread(issue, seen),
    ...(hasWork(issue) ? differs("pull requests", pulls.length, 1) : many("pull requests", pulls.length)),
    ...(hasWork(issue) ? differs("branches", branches.length, 1) : many("branches", branches.length)),
    ...pulls.flatMap(({ comments }) => differs("comments on its pull request", ownKeys(comments).length, 0)),
    ...differs("merged", pulls.filter(({ merged }) => merged).length, issue.ends === "done" ? 1 : 0),
    ...(hasWork(issue) ? judged : []),
  ];
}

/** Each report once, each word of a person there and answered. */
function brokenThread(issue: FaultIssue, { comments }: Issue): readonly string[] {
  const keys = ownKeys(comments);
  const kinds = (kind: string) => keys.filter((key) => key.startsWith(kind)).length;
  const said = comments.filter(({ user }) => user.login === "alice");
  return [
    ...twice(keys).map((key) => `has ${key} twice`),
    ...differs("status comments", kinds("status"), 1),
    ...(hasWork(issue) ? differs("decisions", kinds("decision:"), 1) : many("decisions", kinds("decision:"))),
    ...differs("reports of a stop", kinds("parked:"), issue.stops),
    ...said.flatMap((comment) => brokenAnswer(comment, keys)),
    ...differs("words of alice", said.map(({ body }) => body).join("; "), issue.says.join("; ")),
  ];
}

/** Each commit was judged once and reported once: the head accepted, the others rejected. */
function brokenVerdicts(issue: FaultIssue, seen: Issue, pull: Pull, { statuses }: Sight): readonly string[] {
  const newest = (sha: string) => newestOf(statuses[sha] ?? []);
  const verdictIs = (wanted: string) => (sha: string) => newest(sha).get(VERDICT_CONTEXT) === wanted;
  const rejected = pull.commits.filter(verdictIs("failure"));
  const head = newest(pull.head.sha);
  const notPassed = Object.keys(GATES)
    .map(gateContext)
    .filter((context) => head.get(context) !== "success");
  const keys = ownKeys(seen.comments);
  return [
    ...notPassed.map((context) => `${context} of the head is ${head.get(context)}`),
    ...differs("accepted commits", pull.commits.filter(verdictIs("success")).join(), pull.head.sha),
    ...differs("reported as accepted", reported(keys, "accepted"), pull.head.sha),
    ...differs("rejected commits", rejected.length, issue.rejections),
    ...differs("reported as rejected", reported(keys, "continuation"), rejected.toSorted().join()),
  ];
}

/** The commits of the reports of a kind. */
function reported(keys: readonly string[], kind: string): string {
  const shas = keys.map((key) => key.split(":")).flatMap(([first, sha = ""]) => (first === kind ? [sha] : []));
  return shas.toSorted().join();
}

function ownKeys(comments: readonly CommentSeen[]): readonly string[] {
  const own = comments.filter(({ user }) => user.login === "steward");
  return own.map(({ body }) => KEY.exec(body)?.[1] ?? "a comment without a key");
}

/** Each comment of a person with a command is acknowledged by one reaction, and a question answered by one reply. */
function brokenAnswer(comment: CommentSeen, keys: readonly string[]): readonly string[] {
  const reactions = comment.reactions.filter((reaction) => reaction.startsWith("steward "));
  const replies = keys.filter((key) => key.split(":").slice(0, 2).join(":") === `reply:${comment.id}`).length;
  const question = comment.body === "/help" || reactions.includes("steward confused");
  return [
    ...differs(`reactions to ${comment.body}`, reactions.length, 1),
    ...differs(`replies to ${comment.body}`, replies, question ? 1 : 0),
  ];
}

/** All gates were judged, the verdict says how they ended, was never another one, and is the last word; or they were stopped. */
function brokenStatuses(statuses: readonly StatusSeen[]): readonly string[] {
  const newest = newestOf(statuses);
  const stopped = newest.get(VERDICT_CONTEXT) === "error";
  const contexts = Object.keys(GATES).map(gateContext);
  const failed = contexts.some((context) => newest.get(context) !== "success");
  const verdicts = statuses.filter(
    ({ context, status }) => context === VERDICT_CONTEXT && (status === "success" || status === "failure"),
  );
  return [
    ...contexts.filter((context) => !newest.has(context)).map((context) => `${context} is missing`),
    ...[...newest].flatMap(([context, status]) => (status === "pending" ? [`${context} is still pending`] : [])),
    ...(stopped ? [] : differs("verdict", newest.get(VERDICT_CONTEXT), failed ? "failure" : "success")),
    ...many("different verdicts", new Set(verdicts.map(({ status }) => status)).size),
    ...differs("last status", statuses.at(-1)?.context, VERDICT_CONTEXT),
  ];
}

function newestOf(statuses: readonly StatusSeen[]): ReadonlyMap<string, string> {
  return new Map(statuses.map(({ context, status }) => [context, status]));
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
