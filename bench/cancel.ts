/** How fast a job is stopped: from a recorded cancellation, and from a delivery, to an empty process tree. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { elapsed, median, percentile, until } from "./measure.ts";
import { processesWith } from "./process-tree.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { openRunnerStage } from "./runner-stage.ts";
import { openWorld } from "./world.ts";

const SLOTS = 2;
/** Enough for a p99. */
const ROUNDS = 100;
/** So many processes below the job's shell. */
const CHILDREN = 10;
const DELIVERIES = 5;
const LOOK = { everyMs: 1, withinMs: 20_000 };

/** A shell with children that do not end by themselves, all with a number on their command line that nothing else has. */
function tree(mark: number): string {
  return `for i in ${Array.from({ length: CHILDREN }, (_, nth) => nth).join(" ")}; do sleep ${mark} & done; wait`;
}

function grown(mark: number): Promise<number> {
  return until(() => (processesWith(`${mark}`) >= CHILDREN ? mark : undefined), LOOK);
}

function gone(mark: number): Promise<number> {
  return until(() => (processesWith(`${mark}`) === 0 ? mark : undefined), LOOK);
}

/** Milliseconds from the recorded cancellation on; beside them, those of a plain kill of as many processes. */
async function fromRecord(): Promise<{ readonly recorded: readonly number[]; readonly bare: readonly number[] }> {
  await using stage = await openRunnerStage({ "README.md": "# Widgets\n" }, SLOTS);
  const base = stage.server.head("main");
  if (!base) throw new Error("the repository has no commit");
  const recorded: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const mark = 700_000 + round;
    const job = stage.gate("long", tree(mark), { sha: base, base });
    await stage.queue.startRun(job, 0);
    await grown(mark);
    const stopped = () => Promise.all([stage.queue.cancelRun(job.task, job.run), gone(mark)]);
    recorded.push(await elapsed(stopped));
    const group = spawn("sh", ["-c", tree(mark)], { detached: true, stdio: "ignore" });
    await grown(mark);
    const exited = once(group, "exit");
    const { pid } = group;
    if (pid === undefined) throw new Error("the bare processes did not start");
    bare.push(
      await elapsed(() => {
        process.kill(-pid, "SIGKILL");
        return Promise.all([exited, gone(mark)]);
      }),
    );
  }
  return { recorded, bare };
}

/** Milliseconds from the call that takes the issue from the bot, which Gitea then delivers, on. */
async function fromDelivery(): Promise<readonly number[]> {
  const mark = 800_000;
  const agent = `#!/bin/sh\n${tree(mark)}\n`;
  await using world = await openWorld({ rules: "gates: { test: { run: 'true' } }\n", agent, runners: 1 });
  const took: number[] = [];
  for (let round = 0; round < DELIVERIES; round += 1) {
    const task = await world.assigned();
    await grown(mark);
    const stopped = () => Promise.all([world.alice.unassign(Number(task.split("#")[1])), gone(mark)]);
    took.push(await elapsed(stopped));
  }
  return took;
}

/** Measures both. */
export async function cancel(): Promise<Found> {
  const { recorded, bare } = await fromRecord();
  const delivered = await fromDelivery();
  const findings = [
    atMost({
      what: "cancel recorded to empty process tree, p99",
      value: percentile(recorded, 0.99),
      limit: 100,
      unit: " ms",
      beside: `median ${rounded(median(recorded))} ms; a plain kill, p99: ${rounded(percentile(bare, 0.99))} ms`,
    }),
    atMost({
      what: "delivery to empty process tree",
      value: percentile(delivered, 1),
      limit: 2_000,
      unit: " ms",
      beside: `the slowest of ${DELIVERIES}; median ${rounded(median(delivered))} ms`,
    }),
  ];
  return { findings, raw: { recorded, bare, delivered } };
}
