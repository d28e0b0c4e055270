/** A runner is killed: how long until its job runs again elsewhere, and what came of both. */
import type { RunId, TaskId } from "../src/domain/ids.ts";
import { activeRuns, type Task } from "../src/domain/task.ts";
import { RUNNER_LOST_MS } from "../src/protocol/redis-layout.ts";
import { until } from "./measure.ts";
import { atMost, type Finding, type Found } from "./row.ts";
import { openWorld, type World } from "./world.ts";

const LOOK = { everyMs: 5, withinMs: 30_000 };
/** Long enough to be killed in, short enough to be waited for. */
const JOB_SECONDS = 3;
const RULES = `gates: { test: { run: "sleep ${JOB_SECONDS}" } }\n`;
const AGENT = `#!/bin/sh\nsleep ${JOB_SECONDS}\necho done > work.txt\n`;

const SECOND_MS = 1_000;

interface Running {
  readonly task: Task;
  readonly run: RunId;
  readonly runner: string;
}

/** The first run that a runner has in this phase of the task, other than the runs that are known. */
function running(world: World, id: TaskId, state: "working" | "verifying", known: readonly RunId[]): Promise<Running> {
  return until(async () => {
    const task = await world.task(id);
    if (task?.phase.state !== state) return undefined;
    for (const run of jobsOf(task).filter((one) => !known.includes(one))) {
      const seen = await world.run(id, run);
      if (seen.state === "running" && seen.runner !== undefined) return { task, run, runner: seen.runner };
    }
    return undefined;
  }, LOOK);
}

/** Without the look at what the branch changed, which is over at once. */
function jobsOf({ phase }: Task): readonly RunId[] {
  if (phase.state !== "verifying") return activeRuns(phase);
  return phase.verification.gates.filter(({ result }) => !result).map(({ run }) => run);
}

/** Kills the runner of the job and gives the milliseconds until another one has it. */
async function loseRunner(world: World, id: TaskId, state: "working" | "verifying"): Promise<number> {
  const first = await running(world, id, state, []);
  const victim = world.runners.find(({ pid }) => first.runner.includes(`-${pid}-`));
  if (!victim) throw new Error(`there is no runner ${first.runner}`);
  const start = performance.now();
  await victim.kill();
  await running(world, id, state, [first.run]);
  const took = performance.now() - start;
  victim.start();
  return took;
}

/** How often the task was judged: comments and statuses of verdicts. */
async function results(world: World, id: TaskId): Promise<number> {
  await world.reaches(id, "review");
  const comments = await world.alice.comments(Number(id.split("#")[1]));
  return comments.filter(({ body }) => body.startsWith("<!-- steward:accepted")).length;
}

function findings(what: string, tookMs: number, count: number): readonly Finding[] {
  const beside = `a runner counts as lost after ${RUNNER_LOST_MS / SECOND_MS} s; results: ${count}`;
  const found = atMost({ what, value: tookMs / SECOND_MS, limit: 10, unit: " s", beside });
  return [{ ...found, goal: `${found.goal}, one result`, met: found.met && count === 1 }];
}

/** Measures it for a session and for a gate. */
export async function runnerLoss(): Promise<Found> {
  await using world = await openWorld({ rules: RULES, agent: AGENT, runners: 2 });
  const id = await world.assigned();
  const session = await loseRunner(world, id, "working");
  const gate = await loseRunner(world, id, "verifying");
  const count = await results(world, id);
  return {
    findings: [
      ...findings("runner killed to its gate running again", gate, count),
      ...findings("runner killed to its session running again", session, count),
    ],
    raw: { session, gate, count },
  };
}
