/** What the stand-in Gitea of a world wrote of itself: the calls it made fail, and the deliveries that arrived. */
import { z } from "zod";
import type { Program } from "../support/program.ts";

const Failure = z.union([z.string(), z.object({ status: z.number() }).transform(({ status }) => `${status}`)]);
const Injected = z.object({
  injected: z.object({ path: z.string(), failure: Failure, afterActing: z.boolean() }),
});
const Delivered = z.object({ delivered: z.record(z.string(), z.number()) });

/** How often each kind of failure befell git and the API, as in `git hang after acting`. */
export function failuresOf(gitea: Program): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const line of linesOf(gitea)) {
    const { data } = Injected.safeParse(line);
    if (!data) continue;
    const { path, failure, afterActing } = data.injected;
    const kind = `${path.startsWith("/api/") ? "api" : "git"} ${failure}${afterActing ? " after acting" : ""}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** How many deliveries arrived by each hook; known once it has ended. */
export function deliveredBy(gitea: Program): readonly number[] {
  const ends = linesOf(gitea).flatMap((line) => Delivered.safeParse(line).data ?? []);
  return Object.values(ends.at(-1)?.delivered ?? {});
}

function linesOf(gitea: Program): readonly unknown[] {
  return gitea.words().split("\n").flatMap(jsonOf);
}

/** What is no JSON was not written by the stand-in itself. */
function jsonOf(line: string): readonly unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
