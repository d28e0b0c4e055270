/** `steward init owner/repository…`: the webhook and the labels, made where they are missing. */
import type { Manifest } from "../app/manifest.ts";
import type { RepositoryName } from "../domain/ids.ts";
import type { Forge } from "../ports/forge.ts";
import type { Hooks } from "../ports/hooks.ts";
import { labelDefinitions } from "../report/labels.ts";

/** What preparing repositories needs. */
export interface InitDeps {
  readonly forge: Forge;
  readonly hooks: Hooks;
  readonly manifest: Manifest;
  readonly publicUrl: string;
  readonly webhookSecret: string;
  readonly say: (line: string) => void;
}

/** Prepares each repository; true when all could be prepared. Again it changes nothing. */
export async function initRepositories(deps: InitDeps, repositories: readonly RepositoryName[]): Promise<boolean> {
  let complete = true;
  for (const repository of repositories) complete = (await initRepository(deps, repository)) && complete;
  return complete;
}

async function initRepository(deps: InitDeps, repository: RepositoryName): Promise<boolean> {
  const { forge, hooks, manifest, publicUrl, webhookSecret, say } = deps;
  const found = await forge.readRepository(repository);
  if (!found) {
    say(`${repository}: not found; the bot's account needs to be a collaborator.`);
    return false;
  }
  const self = await forge.self();
  const permission = await forge.permissionOf(repository, self);
  if (permission !== "write") {
    say(
      `${repository}: the account ${self.login} may not write; make it a collaborator with ${manifest.permission} permission.`,
    );
    return false;
  }
  const url = `${publicUrl}${manifest.webhook.path}`;
  const change = await hooks.ensureHook(repository, { url, secret: webhookSecret, events: manifest.webhook.events });
  await forge.ensureRepositoryLabels(repository, labelDefinitions());
  say(`${repository}: webhook ${change} (${url}), labels are there.`);
  return true;
}
