/** From a session's result to the last commit status, without the time of the slowest gate. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { z } from "zod";
import { VERDICT_CONTEXT } from "../src/domain/gate.ts";
import type { Sha, TaskId } from "../src/domain/ids.ts";
import { elapsed, median, percentile } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { openWorld, type World } from "./world.ts";

const COMMAND = "sleep 1";
/** The first session opens the pull request; its mirror and that of the base are made then, too. */
const SESSIONS = 9;
const RULES = `gates:
  build: { run: "${COMMAND}" }
  lint: { run: "${COMMAND}" }
  test: { run: "${COMMAND}; test $(cat tries) -ge ${SESSIONS}" }
`;
const AGENT = `#!/bin/sh
echo $(( $(cat tries 2>/dev/null || echo 0) + 1 )) > tries
`;
const GATES = 3;

const StatusEvent = z.object({ sha: z.string(), context: z.string(), state: z.string() });

/** When the verdict's status reached the stand-in. */
function statusAt({ standIn }: World, sha: Sha): number {
  const verdicts = standIn.deliveries().filter(({ eventType, body }) => {
    if (eventType !== "status") return false;
    const event = StatusEvent.parse(JSON.parse(body));
    return event.sha === sha && event.context === VERDICT_CONTEXT && event.state !== "pending";
  });
  const last = verdicts.at(-1);
  if (!last) throw new Error(`there is no verdict on ${sha}`);
  return last.queuedAt;
}

/** Milliseconds between each session's result and the last status of its commit, the first left out. */
async function waits(world: World, task: TaskId): Promise<readonly number[]> {
  const { sessions } = await world.reaches(task, "review");
  const seen = await Promise.all(sessions.slice(1).map(({ run }) => world.run(task, run)));
  return seen.map(({ finishedAt, result }) => {
    if (finishedAt === undefined || result?.kind !== "session" || !result.head) throw new Error("a session was lost");
    return statusAt(world, result.head) - finishedAt;
  });
}

/** Measures it. */
export async function statusLatency(): Promise<Found> {
  await using world = await openWorld({ rules: RULES, agent: AGENT, runners: 1 });
  const took = await waits(world, await world.assigned());
  const bare: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const all = () => Promise.all(Array.from({ length: GATES }, () => once(spawn("sh", ["-c", COMMAND]), "exit")));
    bare.push(await elapsed(all));
  }
  const slowest = median(bare);
  const over = took.map((each) => each - slowest);
  const what = "session's result to the last commit status, minus the slowest gate";
  const beside = `worst ${rounded(percentile(over, 1))} ms; the slowest of ${GATES} bare gates: ${rounded(slowest)} ms`;
  const finding = atMost({ what, value: median(over), limit: 200, unit: " ms", beside });
  return { findings: [finding], raw: { took, bare } };
}
