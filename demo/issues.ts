/** The five issues of the demo: mixed difficulty, one blocked by another, one too large, one without a form. */

export interface DemoIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
  /** How it must end. */
  readonly ends: "merged" | "refused";
}

interface Form {
  readonly what: string;
  readonly files: number;
  readonly level: "low" | "medium" | "high";
  readonly blockedBy?: number;
}

function form({ what, files, level, blockedBy }: Form): string {
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

### Acceptance Criteria

- [ ] There is a test for it.
`;
}

/** In the order in which they are opened, so the numbers are known. */
export const DEMO_ISSUES: readonly DemoIssue[] = [
  {
    number: 1,
    title: "Take white space and folders off file names",
    body: form({
      what: "Some browsers send the whole path. Add `trimName` in `src/trim-name.js`.",
      files: 1,
      level: "low",
    }),
    ends: "merged",
  },
  {
    number: 2,
    title: "Retry failed uploads",
    body: form({
      what: "Uploads fail on a flaky network. Add `uploadWithRetry`.",
      files: 2,
      level: "medium",
      blockedBy: 1,
    }),
    ends: "merged",
  },
  {
    number: 3,
    title: "Show sizes the way people read them",
    body: form({ what: "Add `formatSize` in `src/size.js`: 1536 is `1.5 KB`.", files: 1, level: "low" }),
    ends: "merged",
  },
  {
    number: 4,
    title: "Rewrite the library for every cloud there is",
    body: form({ what: "All of them, with all of their options.", files: 60, level: "high" }),
    ends: "refused",
  },
  {
    number: 5,
    title: "Refuse empty files before they are sent",
    body: "Servers answer empty files in many ways. Throw a clear error in `src/empty.js` instead.\n",
    ends: "merged",
  },
];
