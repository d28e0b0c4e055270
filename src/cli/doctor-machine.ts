/** What `doctor` checks on this machine: Redis, the marker's key, sandboxes, and the keys of models. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import { type Check, type CheckResult, failed, lacking, well } from "./doctor.ts";

/** Streams and lists are used as they are since 6.2. */
const OLDEST_REDIS = { major: 6, minor: 2 };

/** What a Redis says about itself. */
export interface RedisReport {
  readonly version: string;
  readonly appendOnly: boolean;
  readonly memoryPolicy: string;
}

/** One property of a sandbox, read back from a real one. */
export interface SandboxProperty {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** What real sandboxes here are like. */
export interface SandboxReport {
  readonly driver: string;
  readonly isolates: boolean;
  /** Views and their disk limit, in words. */
  readonly views: string;
  readonly properties: readonly SandboxProperty[];
}

/** What the checks of this machine need. */
export interface MachineCheckDeps {
  /** `undefined` where nothing answers. */
  readonly readRedis: () => Promise<RedisReport | undefined>;
  /** Where the marker's key is, in words; makes it where it is missing. */
  readonly ensureMarkerKey: () => Promise<string>;
  /** Starts real sandboxes. */
  readonly trySandbox: () => Promise<SandboxReport>;
  readonly profiles: AgentProfiles;
  readonly endpoints: Readonly<
    Record<string, { readonly key: string | undefined; readonly keyVariable: string | undefined }>
  >;
}

/** The checks about this machine. */
export function machineChecks(deps: MachineCheckDeps): {
  readonly redis: Check;
  readonly others: readonly Check[];
} {
  return {
    redis: { name: "redis", run: async () => redisResults(await deps.readRedis()) },
    others: [
      { name: "marker key", run: async () => [well(await deps.ensureMarkerKey())] },
      { name: "sandbox", run: async () => sandboxResults(await deps.trySandbox()) },
      { name: "model key", run: async () => modelResults(deps) },
    ],
  };
}

function redisResults(redis: RedisReport | undefined): readonly CheckResult[] {
  if (!redis)
    return [
      failed("no answer: start it, or set REDIS_URL to one that runs; without REDIS_URL `steward up` keeps its own."),
    ];
  const { version, appendOnly, memoryPolicy } = redis;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const recent = major > OLDEST_REDIS.major || (major === OLDEST_REDIS.major && minor >= OLDEST_REDIS.minor);
  return [
    recent ? well(version, "version") : failed(`${version} is too old: install 6.2 or newer.`, "version"),
    appendOnly
      ? well("append-only file", "persistence")
      : failed("a restart would lose the queue: set `appendonly yes` in its configuration.", "persistence"),
    memoryPolicy === "noeviction"
      ? well(memoryPolicy, "full memory")
      : failed(
          `\`${memoryPolicy}\` drops jobs silently: set \`maxmemory-policy noeviction\` in its configuration.`,
          "full memory",
        ),
  ];
}

function sandboxResults({ driver, isolates, views, properties }: SandboxReport): readonly CheckResult[] {
  const way =
    "run the runner on a machine where bubblewrap may make user namespaces, or, on one that holds nothing else, " +
    "insist on `sandbox: host` in steward.yml with STEWARD_ALLOW_UNSANDBOXED=yes.";
  const kind = isolates
    ? well(driver, "driver")
    : lacking(
        `${driver}: jobs have all rights of the runner's user; set \`sandbox: auto\` in steward.yml to isolate them.`,
        "driver",
      );
  const results = properties.map(({ name, ok, detail }) =>
    ok ? well(detail, name) : failed(`${detail}; ${way}`, name),
  );
  return [kind, well(views, "views"), ...results];
}

function modelResults({ profiles, endpoints }: MachineCheckDeps): readonly CheckResult[] {
  const users = Map.groupBy(
    Object.entries(profiles).filter(([, profile]) => profile.driver === "command" && profile.endpoint !== undefined),
    ([, profile]) => (profile.driver === "command" ? (profile.endpoint ?? "") : ""),
  );
  const results = [...users].map(([endpoint, used]): CheckResult => {
    const { key, keyVariable } = endpoints[endpoint] ?? {};
    if (keyVariable === undefined) return well("none is needed", endpoint);
    if (key !== undefined && key !== "") return well(`${keyVariable} is set`, endpoint);
    const names = used.map(([name]) => name).join(", ");
    return failed(`${names} cannot work without it: set ${keyVariable}, or ${keyVariable}_FILE.`, endpoint);
  });
  return results.length > 0 ? results : [well("no profile asks a model through the gateway")];
}
