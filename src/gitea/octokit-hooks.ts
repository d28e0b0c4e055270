/** Webhooks of a repository over the forge's REST API. */
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { ownerAndRepo, type RepositoryName } from "../domain/ids.ts";
import type { Hooks, HookWanted } from "../ports/hooks.ts";

/** Hooks that a page of the list holds; the server takes no more. */
const PAGE_SIZE = 50;

const Hook = z.object({
  id: z.number(),
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.object({ url: z.string().optional(), content_type: z.string().optional() }),
});
type Hook = z.infer<typeof Hook>;

/** The hooks port over an Octokit that speaks to Gitea. */
export function createOctokitHooks(octokit: Octokit): Hooks {
  async function listHooks(repository: RepositoryName): Promise<readonly Hook[]> {
    const all: Hook[] = [];
    for (let page = 1; ; page += 1) {
      const { data } = await octokit.request("GET /repos/{owner}/{repo}/hooks", {
        ...ownerAndRepo(repository),
        page,
        per_page: PAGE_SIZE,
      });
      const hooks = z.array(Hook).parse(data);
      all.push(...hooks);
      if (hooks.length < PAGE_SIZE) return all;
    }
  }

  async function make(repository: RepositoryName, { url, secret, events }: HookWanted): Promise<void> {
    await octokit.request("POST /repos/{owner}/{repo}/hooks", {
      ...ownerAndRepo(repository),
      data: { type: "gitea", active: true, events, config: { url, content_type: "json", secret } },
    });
  }

  return {
    async ensureHook(repository, hook) {
      const same = (await listHooks(repository)).filter((known) => known.config.url === hook.url);
      const [first] = same;
      const isRight = (known: Hook) =>
        known.active &&
        known.config.content_type === "json" &&
        hook.events.every((event) => known.events.includes(event));
      if (first && same.length === 1 && isRight(first)) return "unchanged";
      for (const { id } of same) {
        await octokit.request("DELETE /repos/{owner}/{repo}/hooks/{hook_id}", {
          ...ownerAndRepo(repository),
          hook_id: id,
        });
      }
      await make(repository, hook);
      return first ? "replaced" : "made";
    },

    async findHook(repository, url) {
      return (await listHooks(repository)).find((hook) => hook.active && hook.config.url === url)?.id;
    },

    async testHook(repository, hook) {
      await octokit.request("POST /repos/{owner}/{repo}/hooks/{hook_id}/tests", {
        ...ownerAndRepo(repository),
        hook_id: hook,
      });
    },
  };
}
