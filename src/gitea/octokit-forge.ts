/** The forge port over the REST API of Gitea and Forgejo. */
import type { Octokit } from "@octokit/rest";
import type { Logger } from "pino";
import type { Account, Forge } from "../ports/forge.ts";
import { AccountAnswer } from "./forge-schema.ts";
import { createForgeCalls } from "./octokit-call.ts";
import { createOctokitLabels } from "./octokit-labels.ts";
import { createOctokitPulls } from "./octokit-pulls.ts";
import { createOctokitRepositories } from "./octokit-repositories.ts";
import { createOctokitThreads } from "./octokit-threads.ts";

/** The forge behind a client; the bot's own account is asked for once. */
export function createOctokitForge({ octokit, log }: { readonly octokit: Octokit; readonly log: Logger }): Forge {
  const calls = createForgeCalls(octokit);
  let own: Account | undefined;

  async function self(): Promise<Account> {
    if (own === undefined) {
      own = await calls.request(AccountAnswer, "GET /user", {});
      log.info({ account: own.login, accountId: own.id }, "signed in to the forge");
    }
    return own;
  }

  return {
    self,
    ...createOctokitThreads(calls, self),
    ...createOctokitLabels(calls),
    ...createOctokitPulls(calls, self),
    ...createOctokitRepositories(calls),
  };
}
