/** `steward init`: prepares repositories with the webhook and labels of app.yml. */
import { readFileSync } from "node:fs";
import { type Manifest, manifestFrom } from "./app/manifest.ts";
import { initRepositories } from "./cli/init.ts";
import { loadConfig, secretsOf } from "./config.ts";
import { connectForge } from "./connect-forge.ts";
import { UserError } from "./domain/errors.ts";
import { RepositoryName } from "./domain/ids.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";

/** Our own app.yml. */
export function readManifest(): Manifest {
  return manifestFrom(readFileSync(new URL("../app.yml", import.meta.url), "utf8"));
}

/** Prepares each repository; the process ends with 1 when one could not be. */
export async function runInit(
  variables: NodeJS.ProcessEnv,
  names: readonly string[],
  { replace = false }: { readonly replace?: boolean } = {},
): Promise<void> {
  const config = loadConfig(variables);
  const log = createLog(config.environment.LOG_LEVEL, createRedactor(secretsOf(config)));
  const repositories = names.map(repositoryFrom);
  const complete = await initRepositories(
    {
      ...connectForge(config, log),
      manifest: readManifest(),
      publicUrl: config.publicUrl,
      webhookSecret: config.webhookSecrets[0] ?? "",
      replace,
      say: (line) => void process.stdout.write(`${line}\n`),
    },
    repositories,
  );
  if (!complete) process.exitCode = 1;
}

/** A repository named on the command line. */
export function repositoryFrom(name: string): RepositoryName {
  const parsed = RepositoryName.safeParse(name);
  if (!parsed.success)
    throw new UserError("CONFIG_INVALID", `\`${name}\` is not a repository; write it as owner/name.`);
  return parsed.data;
}
