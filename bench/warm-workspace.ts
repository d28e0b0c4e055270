/** A warm workspace, files and view, over a plain copy of the same tree. */
import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openWorkspaceBench } from "../test/support/workspace-bench.ts";
import { inTurns, median } from "./measure.ts";
import { atMost, type Found, rounded } from "./row.ts";

const FILES = 5_000;
const FILES_PER_FOLDER = 50;
/** As long as sources are at the median. */
const LINES = 60;
const ROUNDS = { warmUp: 1, rounds: 9 };

function tree(): Readonly<Record<string, string>> {
  const text = (index: number) => `export const value${index} = ${index}; // one line of some source\n`.repeat(LINES);
  const path = (index: number) => `src/part-${Math.floor(index / FILES_PER_FOLDER)}/file-${index}.ts`;
  return Object.fromEntries(Array.from({ length: FILES }, (_, index) => [path(index), text(index)]));
}

/** Measures it: mirror and checkout are there, as for every gate of a commit but the first; the view is made anew. */
export async function warmWorkspace(): Promise<Found> {
  await using bench = await openWorkspaceBench(tree());
  const { workspace, sandbox, config, server } = bench;
  const sha = server.head("main");
  if (!sha) throw new Error("the repository has no commit");
  const signal = new AbortController().signal;
  const disposals: (() => Promise<unknown>)[] = [];
  const copy = join(config.folder, "copy");
  await workspace.fetch([sha], signal);
  const [whole] = await workspace.checkout(sha);
  if (!whole) throw new Error("the checkout has no layer");
  const run = promisify(execFile);
  const clear = async () => {
    await Promise.all(disposals.splice(0).map((dispose) => dispose()));
    await rm(copy, { recursive: true, force: true });
  };
  const times = await inTurns(
    { ...ROUNDS, after: clear },
    {
      workspace: async () => {
        await workspace.fetch([sha], signal);
        const view = await workspace.openView(await workspace.checkout(sha), sandbox.exposes);
        disposals.push(() => view.dispose());
      },
      copy: () => run("cp", ["-a", whole.folder, copy]),
    },
  );
  const changes = await nextCommits(bench, ROUNDS.rounds);
  const [ours, theirs] = [median(times.workspace), median(times.copy)];
  const beside = `${rounded(ours)} ms; \`cp -a\`: ${rounded(theirs)} ms; first view of a new commit: ${rounded(median(changes))} ms`;
  const what = "warm workspace over `cp -a` of the same tree (5,000 files)";
  return { findings: [atMost({ what, value: ours / theirs, limit: 0.1, beside })], raw: { ...times, changes } };
}

/** Milliseconds for the first view of commits that nobody has checked out yet. */
async function nextCommits(
  { workspace, sandbox, server }: Awaited<ReturnType<typeof openWorkspaceBench>>,
  count: number,
): Promise<readonly number[]> {
  const signal = new AbortController().signal;
  const took: number[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const sha = server.commit("main", { "src/part-0/file-0.ts": `export const value0 = ${nth};\n` });
    await workspace.fetch([sha], signal);
    const start = performance.now();
    const view = await workspace.openView(await workspace.checkout(sha), sandbox.exposes);
    took.push(performance.now() - start);
    await view.dispose();
  }
  return took;
}
