/** The issues that go through all faults, and how each must end. */

/** The gates of the repository, each a command. */
export const GATES = {
  present: "test -d work",
  content: "for file in work/*; do grep -q good $file || exit 1; done",
} as const;

export interface FaultIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** The state in which its task must end; `done` is merged by the maintainer before. */
  readonly ends: "done" | "review" | "parked" | "cancelled";
  /** Verdicts that reject, each of a commit of its own and with one continuation. */
  readonly rejections: number;
  /** Reports that it stopped and waits for a person. */
  readonly stops: number;
  /** What alice writes while it is worked on, in this order. */
  readonly says: readonly string[];
}

interface Form {
  readonly what: string;
  readonly files?: number;
  readonly level?: "low" | "high";
  readonly blockedBy?: number;
}

function form({ what, files = 1, level = "low", blockedBy }: Form): string {
  return `${what}

### Context Estimate

- Files to modify: ${files}
- Implementation complexity: ${level}
- Test requirements: ${level}
- Documentation: none

### Difficulty

${level}

### Dependencies

${blockedBy === undefined ? "None" : `- Blocked by: #${blockedBy}`}
`;
}

/** One whose agent works for some seconds. */
export const SLOW_ISSUE: FaultIssue = {
  number: 1,
  title: "One that takes long",
  body: form({ what: "Its agent takes its time." }),
  ends: "review",
  rejections: 0,
  stops: 0,
  says: [],
};

/** One whose agent works longer than a runner may be silent. */
export const LONG_ISSUE: FaultIssue = {
  ...SLOW_ISSUE,
  title: "One that takes very long",
  body: form({ what: "Its agent takes very long." }),
};

/** In the order in which they are opened, so that their numbers are known. */
export const FAULT_ISSUES: readonly FaultIssue[] = [
  {
    number: 1,
    title: "One that is merged",
    body: form({ what: "Do it." }),
    ends: "done",
    rejections: 0,
    stops: 0,
    says: [],
  },
  {
    number: 2,
    title: "One that is sent back",
    body: form({ what: "Its agent claims too early." }),
    ends: "review",
    rejections: 1,
    stops: 0,
    says: [],
  },
  {
    number: 3,
    title: "One that waits for the first",
    body: form({ what: "Do it then.", blockedBy: 1 }),
    ends: "review",
    rejections: 0,
    stops: 0,
    says: [],
  },
  {
    number: 4,
    title: "One that is too large",
    body: form({ what: "All of it.", files: 60, level: "high" }),
    ends: "parked",
    rejections: 0,
    stops: 1,
    says: [],
  },
  {
    number: 5,
    title: "One that is asked about",
    body: form({ what: "Do it." }),
    ends: "review",
    rejections: 0,
    stops: 0,
    says: ["/help", "/ping me, please", "/help"],
  },
  {
    number: 6,
    title: "One that is given up",
    body: form({ what: "Do it." }),
    ends: "cancelled",
    rejections: 0,
    stops: 0,
    says: ["/cancel"],
  },
  {
    number: 7,
    title: "One that is paused",
    body: form({ what: "Do it." }),
    ends: "review",
    rejections: 0,
    stops: 0,
    says: ["/pause", "/resume"],
  },
];
