/** Makespan of gates on too few slots, over what no schedule can beat: the slowest gate, or the sum over the slots. */
import { median } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { openRunnerStage } from "./runner-stage.ts";

/** In the order in which a repository's file would name them; whoever has long ones names them first. */
const GATE_SECONDS = [2, 1.5, 1.5, 1, 1, 1, 0.5, 0.5];
const SLOTS = 3;
const ROUNDS = 3;

/** Measures it. */
export async function slotPacking(): Promise<Found> {
  await using stage = await openRunnerStage({ "README.md": "# Widgets\n" }, SLOTS);
  const base = stage.server.head("main");
  if (!base) throw new Error("the repository has no commit");
  const took: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const jobs = GATE_SECONDS.map((seconds, nth) => stage.gate(`gate-${nth}`, `sleep ${seconds}`, { sha: base, base }));
    const ended = stage.results(jobs);
    const start = performance.now();
    await Promise.all(jobs.map((job) => stage.queue.startRun(job, 0)));
    await ended;
    // The first round makes mirror and checkout.
    if (round > 0) took.push(performance.now() - start);
  }
  const sum = GATE_SECONDS.reduce((total, seconds) => total + seconds, 0);
  const limitMs = Math.max(...GATE_SECONDS, sum / SLOTS) * 1_000;
  const ours = median(took);
  const what = `makespan of ${GATE_SECONDS.length} gates on ${SLOTS} slots over max(slowest, sum ÷ slots)`;
  const beside = `${rounded(ours)} ms; the limit: ${rounded(limitMs)} ms`;
  return { findings: [atMost({ what, value: ours / limitMs, limit: 1.1, beside })], raw: { took, limitMs } };
}
