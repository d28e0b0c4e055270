/** `steward doctor`: tries everything this instance is configured with, and says what to mend. */
import { type Check, examine, well } from "./cli/doctor.ts";
import { forgeChecks } from "./cli/doctor-forge.ts";
import { machineChecks } from "./cli/doctor-machine.ts";
import { repositoryChecks } from "./cli/doctor-repository.ts";
import { type Config, loadConfig, secretsOf } from "./config.ts";
import { connectForge } from "./connect-forge.ts";
import { StewardError } from "./domain/errors.ts";
import type { RepositoryName } from "./domain/ids.ts";
import { createLog } from "./lib/log.ts";
import { createRedactor } from "./lib/redact.ts";
import { ensureMarkerKeys, markerKeyFile } from "./marker-keys.ts";
import { openDeliveryWatch } from "./open-delivery-watch.ts";
import { readRedisFacts } from "./queue/redis-facts.ts";
import { ensureRedisServer, type RedisServerProcess } from "./queue/redis-server-process.ts";
import { readManifest, repositoryFrom } from "./run-init.ts";
import { trySandbox } from "./try-sandbox.ts";

/** Runs all checks; the process ends with 1 when one failed. */
export async function runDoctor(variables: NodeJS.ProcessEnv, repository: string | undefined): Promise<void> {
  const named = repository === undefined ? undefined : repositoryFrom(repository);
  const config = readConfig(variables);
  if (!config) return;
  const redact = createRedactor(secretsOf(config));
  const redis = createRedisLease(config);
  const say = (line: string) => void process.stdout.write(`${redact(line)}\n`);
  try {
    const sound = await examine(checksFor(config, variables.PATH ?? "", redis, named), say);
    if (!sound) process.exitCode = 1;
  } finally {
    await redis.release();
  }
}

function readConfig(variables: NodeJS.ProcessEnv): Config | undefined {
  try {
    return loadConfig(variables);
  } catch (error) {
    if (!(error instanceof StewardError)) throw error;
    process.stdout.write(`FAIL  configuration\n${error.message}\nMend them and run \`steward doctor\` again.\n`);
    process.exitCode = 1;
    return undefined;
  }
}

function checksFor(
  config: Config,
  path: string,
  redis: RedisLease,
  repository: RepositoryName | undefined,
): readonly Check[] {
  const { HOST, PORT } = config.environment;
  const log = createLog("silent", createRedactor(secretsOf(config)));
  const forge = connectForge(config, log);
  const manifest = readManifest();
  const machine = machineChecks({
    readRedis: async () => readRedisFacts(await redis.target()),
    async ensureMarkerKey() {
      await ensureMarkerKeys(config);
      return config.environment.STEWARD_KEY === undefined ? `in ${markerKeyFile(config)}` : "STEWARD_KEY is set";
    },
    trySandbox: () => trySandbox(config, path),
    profiles: config.profiles,
    endpoints: config.endpoints,
  });
  const repositoryDeps = {
    ...forge,
    url: `${config.publicUrl}${manifest.webhook.path}`,
    listener: `${HOST}:${PORT}`,
    openWatch: async () => openDeliveryWatch(config, await redis.target()),
  };
  return [
    { name: "configuration", run: async () => [well(`${Object.keys(config.profiles).length} agent profiles`)] },
    ...forgeChecks({ ...forge, scopes: manifest.scopes }),
    machine.redis,
    ...(repository === undefined ? [withoutRepository] : repositoryChecks({ ...repositoryDeps, repository })),
    ...machine.others,
  ];
}

const withoutRepository: Check = {
  name: "webhook round trip",
  run: async () => [well("not tried: `steward doctor owner/repository` does")],
};

interface RedisLease {
  /** The Redis that was given, or the data folder's own, which is started when it does not run. */
  target(): Promise<string>;
  /** Ends what was started. */
  release(): Promise<void>;
}

function createRedisLease(config: Config): RedisLease {
  let own: Promise<RedisServerProcess> | undefined;
  return {
    async target() {
      const given = config.environment.REDIS_URL;
      if (given !== undefined) return given;
      own ??= ensureRedisServer(config.dataFolder);
      return (await own).socket;
    },
    async release() {
      const server = await own?.catch(() => undefined);
      if (server && !server.adopted) await server.shutdown();
    },
  };
}
