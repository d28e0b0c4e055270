/** What a part of `steward up` tells its parent about itself. */
import { z } from "zod";

/** That it is ready, or why it cannot be here before a person has acted. */
export const PartNews = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("ready") }),
  z.object({ kind: z.literal("hopeless"), sentence: z.string() }),
]);
export type PartNews = z.infer<typeof PartNews>;

/** Tells the parent; false where there is none that listens. */
export async function tellParent(news: PartNews): Promise<boolean> {
  if (!process.connected) return false;
  return new Promise((resolve) => {
    process.send?.(news, undefined, undefined, (error) => resolve(error === null));
  });
}
