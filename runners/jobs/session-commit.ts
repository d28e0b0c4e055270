/** From what an agent left in its view to a commit on the task's branch. */
import { RetryableError } from "../../src/domain/errors.ts";
import type { Sha } from "../../src/domain/ids.ts";
import { neutralise, removeInvisible } from "../../src/lib/text.ts";
import type { SessionJob } from "../../src/protocol/jobs.ts";
import type { View } from "../sandbox/view.ts";
import type { RepositoryWorkspace } from "../workspace/workspace.ts";
import type { JobDeps } from "./job-deps.ts";
import { throwIfStopped, withGrace } from "./job-end.ts";
import type { RunContext } from "./run-context.ts";

/** A runner that shuts down has ten seconds in all. */
const SHUTDOWN_GRACE_MS = 7_000;

/** Where the agent's work is now. */
export interface BroughtHome {
  /** Absent: nothing changed, or the push was refused. */
  readonly pushed: Sha | undefined;
  /** Why there was work and no push. */
  readonly refusal: string | undefined;
  /** What the commit could not take along, in a sentence. */
  readonly leftOut: string | undefined;
}

/** What to bring home, and from where it started. */
export interface Homecoming {
  readonly context: RunContext<SessionJob>;
  readonly workspace: RepositoryWorkspace;
  readonly view: View;
  readonly startCommit: Sha;
}

/** The commit's message. Words that would close issues do nothing in it. */
export function commitMessage({ commitTitle, task, run, profile }: SessionJob): string {
  const title = neutralise(removeInvisible(commitTitle).replace(/\s+/g, " ").trim());
  return `${title}\n\nSteward-Task: ${task}\nSteward-Session: ${run}\nSteward-Agent: ${profile.replace(/\s+/g, " ")}\n`;
}

/** Commits what is left and pushes it, after asking once more whether this session is still the current one. */
export async function bringHome(
  { sandbox }: JobDeps,
  { context, workspace, view, startCommit }: Homecoming,
): Promise<BroughtHome> {
  const { job } = context;
  const signal = withGrace(context.signal, SHUTDOWN_GRACE_MS);
  let leftOut: string | undefined;
  const commit = await workspace.commitView(view, {
    parent: startCommit,
    message: commitMessage(job),
    sandbox,
    signal,
    onLeftOut: (sentence) => {
      leftOut = sentence;
    },
  });
  if (!commit) return { pushed: undefined, refusal: undefined, leftOut };
  throwIfStopped(signal);
  if (!(await context.isCurrent())) {
    throw new RetryableError("RUN_FENCED", "another run took over: nothing was pushed");
  }
  try {
    await workspace.push(job.branch, commit, job.branchHead, signal);
  } catch (error) {
    const isRefusal = error instanceof RetryableError && error.code === "PUSH_REFUSED";
    if (!isRefusal) throw error;
    return { pushed: undefined, refusal: error.message, leftOut };
  }
  context.log(`pushed ${commit} to ${job.branch}\n`);
  return { pushed: commit, refusal: undefined, leftOut };
}
