/** A sandbox's start over that of a bare process: from the call to the command's first word. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { openBench } from "../test/support/sandbox-bench.ts";
import { createTestSandbox } from "../test/support/workspace-bench.ts";
import { inTurns, median } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";

const ROUNDS = { warmUp: 5, rounds: 80 };
const SPEAK = ["echo", "started"] as const;

/** Measures it; what comes after the first word is awaited, but not counted. */
export async function sandboxStart(): Promise<Found> {
  await using bench = await openBench(await createTestSandbox());
  let ended: Promise<unknown> = Promise.resolve();
  const inSandbox = () =>
    new Promise<void>((resolve) => {
      ended = bench.run(SPEAK, { onOutput: () => resolve() });
    });
  const bare = async () => {
    const child = spawn(SPEAK[0], SPEAK.slice(1), { stdio: ["ignore", "pipe", "ignore"] });
    ended = once(child, "close");
    await once(child.stdout, "data");
  };
  const times = await inTurns({ ...ROUNDS, after: () => ended }, { sandbox: inSandbox, bare });
  const [ours, theirs] = [median(times.sandbox), median(times.bare)];
  const beside = `${rounded(ours)} ms; bare: ${rounded(theirs)} ms`;
  return {
    findings: [atMost({ what: "sandbox start over bare spawn", value: ours / theirs, limit: 5, beside })],
    raw: times,
  };
}
