/** Webhooks of a repository over the forge's REST API. */
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { ownerAndRepo, type RepositoryName } from "../domain/ids.ts";
import type { Hooks, HookWanted } from "../ports/hooks.ts";
import { createForgeCalls } from "./octokit-call.ts";

const HOOKS = "/repos/{owner}/{repo}/hooks";

const Hook = z.object({
  id: z.number(),
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.object({ url: z.string().optional(), content_type: z.string().optional() }),
});
type Hook = z.infer<typeof Hook>;

/** The hooks port over an Octokit that speaks to Gitea. */
export function createOctokitHooks(octokit: Octokit): Hooks {
  const calls = createForgeCalls(octokit);

  async function hooksTo(repository: RepositoryName, url: string): Promise<readonly Hook[]> {
    const all = await calls.list(Hook, `GET ${HOOKS}`, ownerAndRepo(repository));
    return all.filter((hook) => hook.config.url === url);
  }

  return {
    async ensureHook(repository, wanted) {
      const place = ownerAndRepo(repository);
      const same = await hooksTo(repository, wanted.url);
      const [first] = same;
      if (first && same.length === 1 && isRight(first, wanted) && !wanted.replace) return "unchanged";
      const { url, secret, events } = wanted;
      for (const { id } of same) await calls.write(`DELETE ${HOOKS}/{hook_id}`, { ...place, hook_id: id }, [404]);
      const hook = { type: "gitea", active: true, events, config: { url, content_type: "json", secret } };
      await calls.write(`POST ${HOOKS}`, { ...place, data: hook });
      return first ? "replaced" : "made";
    },

    async findHook(repository, url) {
      return (await hooksTo(repository, url)).find((hook) => hook.active)?.id;
    },

    async testHook(repository, hook) {
      await calls.write(`POST ${HOOKS}/{hook_id}/tests`, { ...ownerAndRepo(repository), hook_id: hook });
    },
  };
}

function isRight(known: Hook, { events }: HookWanted): boolean {
  return known.active && known.config.content_type === "json" && events.every((event) => known.events.includes(event));
}
