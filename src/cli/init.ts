/** `steward init owner/repository…`: the webhook and the labels, made where they are missing. */
import type { Manifest } from "../app/manifest.ts";
import { StewardError } from "../domain/errors.ts";
import type { RepositoryName } from "../domain/ids.ts";
import type { Access } from "../ports/access.ts";
import type { Forge } from "../ports/forge.ts";
import type { Hooks } from "../ports/hooks.ts";

/** What the preparation of repositories needs. */
export interface InitDeps {
  readonly forge: Pick<Forge, "ensureRepositoryLabels">;
  readonly hooks: Pick<Hooks, "ensureHook">;
  readonly access: Pick<Access, "rightIn">;
  readonly manifest: Manifest;
  readonly publicUrl: string;
  readonly webhookSecret: string;
  /** Makes the webhook anew even when nothing seems to be wrong with it: its secret may be another one. */
  readonly replace: boolean;
  readonly say: (line: string) => void;
}

/** Prepares each repository; true when all could be prepared. Again it changes nothing. */
export async function initRepositories(deps: InitDeps, repositories: readonly RepositoryName[]): Promise<boolean> {
  let complete = true;
  for (const repository of repositories) {
    try {
      complete = (await initRepository(deps, repository)) && complete;
    } catch (error) {
      if (!(error instanceof StewardError)) throw error;
      deps.say(`${repository}: ${error.message}`);
      complete = false;
    }
  }
  return complete;
}

async function initRepository(deps: InitDeps, repository: RepositoryName): Promise<boolean> {
  const { forge, hooks, access, manifest, publicUrl, webhookSecret, replace, say } = deps;
  const right = await access.rightIn(repository);
  if (right !== "admin") {
    const what = right === "none" ? "not there, or not for the bot" : `the bot's account has ${right} permission only`;
    say(`${repository}: ${what}; make the account a collaborator with admin permission.`);
    return false;
  }
  const url = `${publicUrl}${manifest.webhook.path}`;
  const wanted = { url, secret: webhookSecret, events: manifest.webhook.events, replace };
  const change = await hooks.ensureHook(repository, wanted);
  await forge.ensureRepositoryLabels(repository, manifest.labels);
  say(`${repository}: webhook ${change} (${url}), labels are there.`);
  return true;
}
