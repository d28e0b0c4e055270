/** The forge of this instance: one client for handlers and ports. */
import type { Octokit } from "@octokit/rest";
import type { Logger } from "pino";
import type { Config } from "./config.ts";
import { createOctokitAccess } from "./gitea/octokit-access.ts";
import { createOctokit } from "./gitea/octokit-compat.ts";
import { createOctokitForge } from "./gitea/octokit-forge.ts";
import { createOctokitHooks } from "./gitea/octokit-hooks.ts";
import type { Access } from "./ports/access.ts";
import type { Forge } from "./ports/forge.ts";
import type { Hooks } from "./ports/hooks.ts";

/** Where a forge's REST API is. */
export function apiUrl(config: Config): string {
  return `${config.environment.GITEA_URL.replace(/\/+$/, "")}/api/v1`;
}

/** Clients that work as the bot. */
export function connectForge(
  config: Config,
  log: Logger,
): { readonly octokit: Octokit; readonly forge: Forge; readonly hooks: Hooks; readonly access: Access } {
  const octokit = createOctokit({ baseUrl: apiUrl(config), token: config.environment.GITEA_TOKEN });
  return {
    octokit,
    forge: createOctokitForge({ octokit, log }),
    hooks: createOctokitHooks(octokit),
    access: createOctokitAccess(octokit),
  };
}
