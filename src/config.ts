/** The instance's configuration: environment and steward.yml, read once, all problems told together. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { DEFAULT_PROFILES } from "./assignment/default-profiles.ts";
import { type InstanceFile, parseInstanceFile } from "./config-file.ts";
import { demandOf } from "./config-problems.ts";
import type { AgentProfiles } from "./domain/agent-profile.ts";
import { UserError } from "./domain/errors.ts";
import { errorCode } from "./lib/error-code.ts";
import { nearest } from "./lib/nearest.ts";

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "silent"] as const;

/** One secret or several, separated by commas, none of them short enough to be guessed. */
function secrets(least: number): z.ZodString {
  const isLong = (secret: string) => secret.length >= least;
  return z
    .string()
    .refine(
      (text) => text.split(",").every(isLong),
      `must have at least ${least} characters, each if there are several`,
    );
}

/** Every variable may also be given as `<NAME>_FILE`, the path of a file that holds the value. */
const Environment = z.object({
  /** Address of the forge, as the bot reaches it. */
  GITEA_URL: z.url(),
  /** Token of the bot's account with the scopes of app.yml. */
  GITEA_TOKEN: z.string().min(1),
  /** Secret of the webhook; several for rotation, separated by commas. At least 16 characters each. */
  GITEA_WEBHOOK_SECRET: secrets(16),
  /** Redis; without it `steward up` keeps a private one in the data folder. */
  REDIS_URL: z.string().min(1).optional(),
  /** Where people and the forge reach the bot. */
  PUBLIC_URL: z.url().optional(),
  /** Keys that sign the status comment's marker, the newest first, separated by commas; made in the data folder when absent. */
  STEWARD_KEY: secrets(32).optional(),
  /** Port the bot listens on. */
  PORT: z.coerce.number().int().min(0).max(65_535).default(3900),
  /** Address the bot listens on. */
  HOST: z.string().min(1).default("127.0.0.1"),
  /** The data folder. */
  STEWARD_DATA: z.string().min(1).default("./data"),
  /** The instance's configuration file. */
  STEWARD_CONFIG: z.string().min(1).default("./steward.yml"),
  /** The operator's second insistence on running jobs without a sandbox. */
  STEWARD_ALLOW_UNSANDBOXED: z.enum(["yes", "no"]).default("no"),
  LOG_LEVEL: z.enum(LOG_LEVELS).default("info"),
});
type Environment = Omit<z.infer<typeof Environment>, "GITEA_WEBHOOK_SECRET">;
/** Webhooks come to the bot: the machine of a runner need not hold their secret. */
const RunnerEnvironment = Environment.partial({ GITEA_WEBHOOK_SECRET: true });

/** Names of all variables, for help texts and documents. */
export const ENVIRONMENT_NAMES: readonly string[] = Object.keys(Environment.shape);

/** What the default catalogue's own endpoint is; the operator's `endpoints` are added to it. */
const DEFAULT_ENDPOINTS: InstanceFile["endpoints"] = {
  anthropic: { api: "anthropic", url: "https://api.anthropic.com", key: { env: "ANTHROPIC_API_KEY" } },
};

interface ConfiguredEndpoint {
  readonly api: "anthropic";
  readonly url: string;
  readonly key: string | undefined;
  /** The variable that the key is read from; absent for endpoints without one. */
  readonly keyVariable: string | undefined;
}

export interface Config {
  readonly environment: Environment;
  readonly file: InstanceFile;
  readonly profiles: AgentProfiles;
  readonly endpoints: Readonly<Record<string, ConfiguredEndpoint>>;
  readonly dataFolder: string;
  readonly publicUrl: string;
  readonly webhookSecrets: readonly string[];
}

/** The configuration from an environment; throws one `UserError` that lists everything that is wrong for this part. */
export function loadConfig(variables: NodeJS.ProcessEnv, part: "bot" | "runner" = "bot"): Config {
  const { values, problems: unreadable } = withFiles(variables);
  const schema = part === "runner" ? RunnerEnvironment : Environment;
  const parsed = schema.safeParse(values, { reportInput: true });
  const problems = [
    ...unreadable,
    ...(parsed.success ? [] : parsed.error.issues.map((issue) => variableProblem(issue, values))),
  ];
  const path = values.STEWARD_CONFIG ?? "./steward.yml";
  const file = readInstanceFile(path, values.STEWARD_CONFIG !== undefined);
  if ("problems" in file) problems.push(...file.problems);
  if (!parsed.success || "problems" in file || problems.length > 0) {
    const list = problems.map((problem) => `- ${problem}`).join("\n");
    throw new UserError(
      "CONFIG_INVALID",
      `The configuration has ${problems.length === 1 ? "a problem" : `${problems.length} problems`}:\n${list}`,
    );
  }
  return assemble(parsed.data, file.file, values);
}

function assemble(given: z.infer<typeof RunnerEnvironment>, file: InstanceFile, values: NodeJS.ProcessEnv): Config {
  const { GITEA_WEBHOOK_SECRET: webhookSecret, ...environment } = given;
  const endpoints = { ...DEFAULT_ENDPOINTS, ...file.endpoints };
  return {
    environment,
    file,
    profiles: file.agents ?? reachableProfiles(DEFAULT_PROFILES, Object.keys(endpoints)),
    endpoints: Object.fromEntries(
      Object.entries(endpoints).map(([name, { api, url, key }]) => [
        name,
        { api, url, key: key && values[key.env], keyVariable: key?.env },
      ]),
    ),
    dataFolder: resolve(environment.STEWARD_DATA),
    publicUrl: (environment.PUBLIC_URL ?? `http://${environment.HOST}:${environment.PORT}`).replace(/\/+$/, ""),
    webhookSecrets: webhookSecret?.split(",") ?? [],
  };
}

/** The catalogue without the profiles whose endpoint this instance does not have. */
function reachableProfiles(profiles: AgentProfiles, endpoints: readonly string[]): AgentProfiles {
  const reachable = Object.entries(profiles).filter(
    ([, profile]) =>
      profile.driver === "external" || profile.endpoint === undefined || endpoints.includes(profile.endpoint),
  );
  return Object.fromEntries(reachable);
}

function readInstanceFile(path: string, named: boolean): ReturnType<typeof parseInstanceFile> {
  try {
    return parseInstanceFile(readFileSync(path, "utf8"), path);
  } catch (error) {
    if (errorCode(error) === "ENOENT" && !named) return parseInstanceFile("", path);
    return { problems: [`${path}: cannot be read; write it, or point STEWARD_CONFIG at the right file`] };
  }
}

function withFiles(variables: NodeJS.ProcessEnv): { values: NodeJS.ProcessEnv; problems: string[] } {
  const values: NodeJS.ProcessEnv = { ...variables };
  const problems: string[] = [];
  for (const [name, path] of Object.entries(variables)) {
    if (!name.endsWith("_FILE") || path === undefined) continue;
    const target = name.slice(0, -"_FILE".length);
    if (values[target] !== undefined || !isOurs(target)) continue;
    try {
      values[target] = readFileSync(path, "utf8").trim();
    } catch {
      problems.push(`${name}: the file it names cannot be read`);
    }
  }
  for (const name of ENVIRONMENT_NAMES) if (values[name] === "") delete values[name];
  return { values, problems };
}

/** Keys of endpoints may have any name, so every `…_KEY_FILE` is read too. */
function isOurs(name: string): boolean {
  return ENVIRONMENT_NAMES.includes(name) || name.endsWith("_KEY");
}

function variableProblem(issue: z.core.$ZodIssue, values: NodeJS.ProcessEnv): string {
  const name = String(issue.path[0]);
  if (values[name] !== undefined) return `${name}: ${demandOf(issue)}`;
  const similar = Object.keys(values).filter((key) => !ENVIRONMENT_NAMES.includes(key));
  const known = nearest(name, similar);
  return known === undefined ? `${name}: is not set` : `${name}: is not set; is \`${known}\` meant to be it?`;
}

/** The Redis that was given; a `UserError` with the way out when none was. */
export function requireRedis(config: Config): string {
  const { REDIS_URL } = config.environment;
  if (REDIS_URL !== undefined) return REDIS_URL;
  const way = "Set it, or use `steward up`, which keeps a private Redis.";
  throw new UserError("CONFIG_INVALID", `REDIS_URL is not set. ${way}`);
}

/** Everything that must never be shown. */
export function secretsOf(config: Config): readonly string[] {
  const { GITEA_TOKEN, STEWARD_KEY, REDIS_URL = "" } = config.environment;
  const keys = Object.values(config.endpoints).flatMap((endpoint) => endpoint.key ?? []);
  return [GITEA_TOKEN, ...config.webhookSecrets, ...(STEWARD_KEY?.split(",") ?? []), ...keys, ...passwordIn(REDIS_URL)];
}

/** A socket's path has none. */
function passwordIn(url: string): readonly string[] {
  const { password = "" } = URL.parse(url) ?? {};
  return password === "" ? [] : [password, decodeURIComponent(password)];
}
