/** Tells a webhook's test delivery from a real one: a push that pushes nothing. */
import { z } from "zod";
import type { RepositoryName } from "../domain/ids.ts";
import { parseJson } from "../lib/parse-json.ts";

const Push = z.object({
  before: z.string(),
  after: z.string(),
  repository: z.object({ full_name: z.string() }),
});

/** True for the payload of a test delivery about this repository. */
export function isTestDelivery(body: string, repository: RepositoryName): boolean {
  const push = Push.safeParse(parseJson(body));
  if (!push.success || push.data.before !== push.data.after) return false;
  return push.data.repository.full_name.toLowerCase() === repository.toLowerCase();
}
