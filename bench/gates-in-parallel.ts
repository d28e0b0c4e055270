/** Verdict of six gates over the slowest one, where there are slots for all of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Sha } from "../src/domain/ids.ts";
import { decideVerdict } from "../src/gates/decide-verdict.ts";
import { inTurns, median } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";
import { newRun, openRunnerStage, type RunnerStage } from "./runner-stage.ts";

const GATES = ["build", "lint", "types", "test", "docs", "audit"];
const COMMAND = "sleep 1";
/** One for each gate, and one for the inspection of the branch. */
const SLOTS = GATES.length + 1;
const ROUNDS = { warmUp: 3, rounds: 7 };

/** From the jobs' being handed to the queue to the verdict on what they found. */
async function verdict(stage: RunnerStage, commit: { readonly sha: Sha; readonly base: Sha }): Promise<void> {
  const gates = GATES.map((name) => stage.gate(name, COMMAND, commit));
  const { task, repository, cloneUrl } = stage.gate("", "", commit);
  const inspection = { kind: "inspection" as const, run: newRun(), task, repository, cloneUrl, runsOn: [], ...commit };
  const jobs = [...gates, inspection];
  const ended = stage.results(jobs);
  await Promise.all(jobs.map((job) => stage.queue.startRun(job, 0)));
  const results = (await ended).flatMap((run) =>
    run.state === "finished" && run.result.kind === "gate" ? [run.result.result] : [],
  );
  const { outcome } = decideVerdict({ sha: commit.sha, results, integrity: [], policy: "withhold" });
  if (outcome !== "accepted") throw new Error(`the verdict is ${outcome}: ${JSON.stringify(results)}`);
}

/** The same commands without anything around them. */
async function bare(): Promise<void> {
  await Promise.all(GATES.map(() => once(spawn("sh", ["-c", COMMAND]), "exit")));
}

/** Measures it. */
export async function gatesInParallel(): Promise<Found> {
  await using stage = await openRunnerStage({ "README.md": "# Widgets\n" }, SLOTS);
  const base = stage.server.head("main");
  if (!base) throw new Error("the repository has no commit");
  const sha = stage.server.commit("work", { "work.txt": "done\n" }, base);
  const times = await inTurns(ROUNDS, { steward: () => verdict(stage, { sha, base }), bare });
  const [ours, slowest] = [median(times.steward), median(times.bare)];
  const what = "verdict of six gates over the slowest (1 s), enough slots";
  const beside = `${rounded(ours)} ms; the six bare commands at once: ${rounded(slowest)} ms`;
  return { findings: [atMost({ what, value: ours / slowest, limit: 1.05, beside })], raw: times };
}
