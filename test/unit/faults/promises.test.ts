/** The promises that hold the fault worlds to their ends: right ends break none, and each way to be wrong breaks one. */
import { expect, test } from "vitest";
import type { AgentInterval } from "../../faults/agent-records.ts";
import { FAULT_ISSUES, type FaultIssue } from "../../faults/cast.ts";
import type { CommentSeen, Sight, StatusSeen } from "../../faults/people.ts";
import { brokenPromises } from "../../faults/promises.ts";

/** What may be changed of what was seen. */
type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };
type Seen = { sight: Mutable<Sight>; intervals: Mutable<AgentInterval>[] };
type Issue = Mutable<Sight["issues"][number]>;
type Pull = Mutable<Sight["pulls"][number]>;

const MERGED = 1;
const SENT_BACK = 2;
const PARKED = 4;
const ASKED = 5;
const CANCELLED = 6;

const hasWork = ({ ends }: FaultIssue) => ends === "done" || ends === "review";
const headOf = (number: number) => `${number}`.repeat(40);
const rejectedOf = (number: number) => `${number}`.repeat(39).concat("f");
let ids = 1;

function comment(login: string, body: string, reactions: readonly string[] = []): CommentSeen {
  ids += 1;
  return { id: ids, body, user: { login }, updated_at: "2026-01-01T00:00:00Z", reactions };
}

const own = (key: string) => comment("steward", `<!-- steward:${key} -->\nwords`);

function status(context: string, state: string): StatusSeen {
  ids += 1;
  return { id: ids, context: `steward/${context}`, status: state, description: "", target_url: "" };
}

function judged(content: string): readonly StatusSeen[] {
  const waiting = ["present", "content", "verdict"].map((context) => status(context, "pending"));
  return [...waiting, status("present", "success"), status("content", content), status("verdict", content)];
}

/** Alice's words, each with its answers. */
function conversation({ says }: FaultIssue): readonly CommentSeen[] {
  return says.flatMap((words) => {
    const isUnknown = words.startsWith("/ping");
    const said = comment("alice", words, [`steward ${isUnknown ? "confused" : "rocket"}`]);
    return isUnknown || words === "/help" ? [said, own(`reply:${said.id}`)] : [said];
  });
}

const LABELS = { done: "agent/done", review: "agent/review", parked: "agent/needs-human", cancelled: "" } as const;

function issueSeen(issue: FaultIssue): Sight["issues"][number] {
  const { number, ends, rejections, stops } = issue;
  const label = LABELS[ends];
  const comments = [
    own("status v1 abc.def"),
    ...(hasWork(issue) ? [own(`decision:${number}:small:1`), own(`accepted:${headOf(number)}`)] : []),
    ...(rejections > 0 ? [own(`continuation:${rejectedOf(number)}:1`)] : []),
    ...(stops > 0 ? [own("parked:too-large:abc")] : []),
    ...conversation(issue),
  ];
  return { number, state: ends === "done" ? "closed" : "open", labels: label === "" ? [] : [label], comments };
}

function pullSeen({ number, ends, rejections }: FaultIssue): Sight["pulls"][number] {
  const merged = ends === "done";
  return {
    ...{ number: number + 100, title: "", body: "", state: merged ? "closed" : "open", merged },
    head: { ref: `steward/issue-${number}-words`, sha: headOf(number) },
    commits: rejections > 0 ? [rejectedOf(number), headOf(number)] : [headOf(number)],
    comments: [],
  };
}

/** A world in which everything ended right. */
function rightEnds(): Seen {
  const worked = FAULT_ISSUES.filter(hasWork);
  const pulls = worked.map(pullSeen);
  const statuses = pulls.flatMap(({ commits, head }) =>
    commits.map((sha) => [sha, judged(sha === head.sha ? "success" : "failure")] as const),
  );
  const sight: Sight = {
    issues: FAULT_ISSUES.map(issueSeen),
    pulls,
    branches: ["main", ...pulls.map(({ head }) => head.ref)],
    statuses: Object.fromEntries(statuses),
  };
  const intervals = worked.map(({ number }) => ({
    ...{ task: `acme/widgets#${number}`, session: `s${number}`, from: 10, to: 20, ended: true },
  }));
  return { sight: structuredClone(sight) as Mutable<Sight>, intervals };
}

const brokenIn = ({ sight, intervals }: Seen) =>
  brokenPromises(sight, { cast: FAULT_ISSUES, agents: { intervals: () => intervals, close: () => undefined } });

function find<T>(things: readonly T[], is: (thing: T) => boolean): T {
  const found = things.find(is);
  if (found === undefined) throw new Error("it is not there to be changed");
  return found;
}

const issue = ({ sight }: Seen, number: number): Issue => find(sight.issues, (one) => one.number === number);
const pull = ({ sight }: Seen, number: number): Pull => find(sight.pulls, (one) => one.number === number + 100);
const statusesOf = ({ sight }: Seen, sha: string) => find(Object.entries(sight.statuses), ([of]) => of === sha)[1];

function add(seen: Seen, number: number, ...comments: readonly CommentSeen[]): void {
  issue(seen, number).comments.push(...structuredClone(comments as Mutable<CommentSeen>[]));
}

function drop(seen: Seen, number: number, part: string): void {
  const one = issue(seen, number);
  const kept = one.comments.filter(({ body }) => !body.includes(part));
  expect(kept.length).toBeLessThan(one.comments.length);
  one.comments = kept;
}

test("right ends break no promise", () => {
  expect(brokenIn(rightEnds())).toEqual([]);
});

interface Wrong {
  readonly what: string;
  readonly change: (seen: Seen) => unknown;
  readonly words: RegExp;
}

const WRONG: readonly Wrong[] = [
  {
    what: "the head in review is rejected",
    change: ({ sight }) => {
      sight.statuses[headOf(SENT_BACK)] = structuredClone(judged("failure")) as Mutable<StatusSeen>[];
    },
    words: /#2 steward\/content of the head is failure/,
  },
  {
    what: "a verdict turns into another one",
    change: (seen) => {
      const statuses = statusesOf(seen, headOf(SENT_BACK));
      statuses.splice(statuses.length - 1, 0, status("verdict", "failure"));
    },
    words: /2222222 different verdicts: 2/,
  },
  {
    what: "the statuses of the gates are missing",
    change: ({ sight }) => {
      sight.statuses[headOf(MERGED)] = [status("verdict", "success")];
    },
    words: /1111111 steward\/present is missing/,
  },
  {
    what: "a gate is still pending",
    change: (seen) => statusesOf(seen, headOf(ASKED)).splice(3, 1),
    words: /5555555 steward\/present is still pending/,
  },
  {
    what: "a verdict says other than its gates",
    change: (seen) => {
      find(statusesOf(seen, headOf(ASKED)), (one) => one.status === "success").status = "failure";
    },
    words: /5555555 verdict: success instead of failure/,
  },
  {
    what: "a status follows the verdict",
    change: (seen) => statusesOf(seen, headOf(ASKED)).push(status("content", "success")),
    words: /5555555 last status: steward\/content instead of steward\/verdict/,
  },
  {
    what: "a commit was never judged",
    change: (seen) => {
      const sha = "e".repeat(40);
      pull(seen, MERGED).commits.unshift(sha);
      seen.sight.statuses[sha] = [];
    },
    words: /eeeeeee verdict: undefined/,
  },
  {
    what: "a rejection is missing",
    change: (seen) => pull(seen, SENT_BACK).commits.shift(),
    words: /#2 rejected commits: 0 instead of 1/,
  },
  {
    what: "two commits are accepted",
    change: (seen) => {
      const sha = "d".repeat(40);
      pull(seen, MERGED).commits.unshift(sha);
      seen.sight.statuses[sha] = structuredClone(judged("success")) as Mutable<StatusSeen>[];
    },
    words: /#1 accepted commits: d+,1+ instead of 1+/,
  },
  {
    what: "another commit is reported as accepted",
    change: (seen) => {
      drop(seen, ASKED, "accepted:");
      add(seen, ASKED, own(`accepted:${headOf(MERGED)}`));
    },
    words: /#5 reported as accepted: 1+ instead of 5+/,
  },
  {
    what: "another commit is reported as rejected",
    change: (seen) => {
      drop(seen, SENT_BACK, "continuation:");
      add(seen, SENT_BACK, own(`continuation:${headOf(MERGED)}:1`));
    },
    words: /#2 reported as rejected: 1+ instead of 2+f/,
  },
  {
    what: "a rejection is reported twice",
    change: (seen) => add(seen, SENT_BACK, own(`continuation:${rejectedOf(SENT_BACK)}:2`)),
    words: /#2 reported as rejected/,
  },
  {
    what: "a stop is reported twice",
    change: (seen) => add(seen, PARKED, own("parked:too-large:other")),
    words: /#4 reports of a stop: 2 instead of 1/,
  },
  {
    what: "a stop is not reported",
    change: (seen) => drop(seen, PARKED, "parked:"),
    words: /#4 reports of a stop: 0 instead of 1/,
  },
  {
    what: "work is reported to have stopped",
    change: (seen) => add(seen, ASKED, own("parked:our-failure:abc")),
    words: /#5 reports of a stop: 1 instead of 0/,
  },
  {
    what: "a decision is told twice",
    change: (seen) => add(seen, ASKED, own("decision:9:small:1")),
    words: /#5 decisions: 2 instead of 1/,
  },
  {
    what: "a report is there twice",
    change: (seen) => add(seen, MERGED, own(`accepted:${headOf(MERGED)}`)),
    words: /#1 has accepted:1+ twice/,
  },
  {
    what: "there are two status comments",
    change: (seen) => add(seen, CANCELLED, own("status v1 other.one")),
    words: /#6 status comments: 2 instead of 1/,
  },
  {
    what: "a thread of a pull request is written into",
    change: (seen) => pull(seen, ASKED).comments.push(own("accepted:abc") as Mutable<CommentSeen>),
    words: /#5 comments on its pull request: 1 instead of 0/,
  },
  {
    what: "an issue is in another state",
    change: (seen) => {
      issue(seen, ASKED).labels = ["agent/working"];
    },
    words: /#5 label: agent\/working instead of agent\/review/,
  },
  {
    what: "a merged issue is still open",
    change: (seen) => {
      issue(seen, MERGED).state = "open";
    },
    words: /#1 issue: open instead of closed/,
  },
  {
    what: "nobody merged, and it is merged",
    change: (seen) => {
      pull(seen, ASKED).merged = true;
    },
    words: /#5 merged: 1 instead of 0/,
  },
  {
    what: "there are two pull requests",
    change: (seen) => seen.sight.pulls.push({ ...pull(seen, ASKED), number: 999 }),
    words: /#5 pull requests: 2 instead of 1/,
  },
  {
    what: "there are two branches",
    change: ({ sight }) => sight.branches.push("steward/issue-5-other-words"),
    words: /#5 branches: 2 instead of 1/,
  },
  {
    what: "words of a person are lost",
    change: (seen) => drop(seen, CANCELLED, "/cancel"),
    words: /#6 words of alice: {2}instead of \/cancel/,
  },
  {
    what: "a command is not acknowledged",
    change: (seen) => {
      find(issue(seen, CANCELLED).comments, ({ body }) => body === "/cancel").reactions = [];
    },
    words: /#6 reactions to \/cancel: 0 instead of 1/,
  },
  {
    what: "a question is answered twice",
    change: (seen) => {
      const { id } = find(issue(seen, ASKED).comments, ({ body }) => body === "/help");
      add(seen, ASKED, own(`reply:${id}:again`));
    },
    words: /#5 replies to \/help: 2 instead of 1/,
  },
  { what: "an agent left no trace", change: (seen) => seen.intervals.shift(), words: /#1 recorded: false/ },
  {
    what: "two agents work at once on a task",
    change: ({ intervals }) => intervals.push({ task: "acme/widgets#1", session: "x", from: 19, to: 25, ended: true }),
    words: /two sessions at once, acme\/widgets#1/,
  },
];

test.for(WRONG)("it breaks a promise when $what", ({ change, words }) => {
  const seen = rightEnds();
  change(seen);
  expect(brokenIn(seen).filter((sentence) => words.test(sentence))).not.toEqual([]);
});
