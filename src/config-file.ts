/** The instance's steward.yml: agents, endpoints, limits, runner. Every problem is reported together. */
import { parseDocument } from "yaml";
import { z } from "zod";
import { parseTarget } from "../runners/egress/egress-targets.ts";
import { sentencesFrom } from "./config-problems.ts";
import { AgentProfile, CommandAgent, ExternalAgent } from "./domain/agent-profile.ts";
import { Limits } from "./domain/limits.ts";

const MEBIBYTE = 1024 * 1024;

/** A model endpoint; its key is read from the named environment variable, never from the file. */
const Endpoint = z.strictObject({
  /** The only dialect there is. */
  api: z.literal("anthropic"),
  url: z.url(),
  key: z.strictObject({ env: z.string().min(1) }).optional(),
});

const Slots = z.number().int().positive();
const Labels = z.array(z.string().regex(/^[\w.-]+$/));

/** A host that `setup` may reach, as `name` or `name:port`. */
const EgressTarget = z.string().transform((text, context) => {
  const target = parseTarget(text);
  if (target) return target;
  context.addIssue({ code: "custom", message: "must be a host: `name` or `name:port`", input: text });
  return z.NEVER;
});

const Runner = z.strictObject({
  /** Jobs at once. */
  slots: Slots.default(4),
  labels: Labels.default([]),
  /** `host` means no isolation and must be insisted on with STEWARD_ALLOW_UNSANDBOXED=yes too. */
  sandbox: z.enum(["auto", "bubblewrap", "host"]).default("auto"),
  egress: z.array(EgressTarget).default([]),
  /** Mounted read-only at the same path; its node_modules/.bin, bin or itself comes first on PATH. */
  tools: z.array(z.string().startsWith("/")).default([]),
  /** Limits of one job. */
  "memory-mebibytes": z.number().int().positive().default(4096),
  "disk-mebibytes": z.number().int().positive().default(2048),
  processes: z.number().int().positive().default(512),
  cpus: z.number().positive().default(2),
  "output-mebibytes": z.number().int().positive().default(16),
});

const InstanceFile = z.strictObject({
  agents: z.record(z.string().regex(/^[a-z0-9][\w.-]*$/i), AgentProfile).optional(),
  endpoints: z.record(z.string(), Endpoint).default({}),
  limits: Limits.default(() => Limits.parse({})),
  runner: Runner.default(() => Runner.parse({})),
  /** Logins of other bots that are never obeyed. */
  "ignore-users": z.array(z.string()).default([]),
});
/** The content of a steward.yml, defaults filled in. */
export type InstanceFile = z.infer<typeof InstanceFile>;

/** What the command line of `steward runner` may say instead of its steward.yml. */
export const RunnerWords = z.object({
  labels: z
    .string()
    .transform((list) => list.split(","))
    .pipe(Labels)
    .optional(),
  slots: z.coerce.number().pipe(Slots).optional(),
});

/** Known words that the specification has and this version does not. */
const NOT_YET: Readonly<Record<string, readonly string[]>> = {
  "agents.*.driver": ["builtin"],
  "endpoints.*.api": ["openai"],
  limits: ["task-dollars", "day-dollars"],
  "runner.sandbox": ["docker", "podman"],
};

/** The file's content, or all that is wrong with it. */
export function parseInstanceFile(
  text: string,
  path: string,
): { readonly file: InstanceFile } | { readonly problems: readonly string[] } {
  const document = parseDocument(text, { uniqueKeys: true });
  if (document.errors.length > 0) return { problems: document.errors.map((error) => `${path}: ${error.message}`) };
  const raw: unknown = document.toJS({ maxAliasCount: 20 }) ?? {};
  const unsupported = findUnsupported(raw);
  const parsed = InstanceFile.safeParse(raw, { reportInput: true });
  const issues = (parsed.error?.issues ?? []).flatMap((issue) => withoutUnsupported(issue, unsupported));
  const known = [
    ...unsupported.map(({ place, word }) => `${place}: \`${word}\` is not supported yet`),
    ...danglingEndpoints(asRecord(raw)),
  ];
  const problems = [...known.map((sentence) => `${path}: ${sentence}`), ...sentencesFrom(issues, path, keysAt)];
  return parsed.success && problems.length === 0 ? { file: parsed.data } : { problems };
}

/** Bytes of a limit that is configured in mebibytes. */
export function bytesFrom(mebibytes: number): number {
  return mebibytes * MEBIBYTE;
}

function keysAt(path: readonly PropertyKey[]): readonly string[] {
  const [section] = path;
  if (section === undefined) return Object.keys(InstanceFile.shape);
  if (section === "agents")
    return [...new Set([...Object.keys(CommandAgent.shape), ...Object.keys(ExternalAgent.shape)])];
  if (section === "endpoints") return Object.keys(Endpoint.shape);
  if (section === "limits") return Object.keys(Limits.shape);
  return section === "runner" ? Object.keys(Runner.shape) : [];
}

/** On what is written, so that it is told beside other problems. */
function danglingEndpoints(raw: Record<string, unknown>): readonly string[] {
  const endpoints = ["anthropic", ...Object.keys(asRecord(raw.endpoints))];
  return Object.entries(asRecord(raw.agents)).flatMap(([name, profile]) => {
    const { endpoint } = asRecord(profile);
    if (typeof endpoint !== "string" || endpoints.includes(endpoint)) return [];
    return [`agents.${name}.endpoint: \`${endpoint}\` is not under endpoints (there: ${endpoints.join(", ")})`];
  });
}

interface Unsupported {
  readonly place: string;
  /** The key there, or the value. */
  readonly word: string;
}

function findUnsupported(raw: unknown): readonly Unsupported[] {
  return Object.entries(NOT_YET).flatMap(([place, words]) =>
    valuesAt(raw, place.split(".")).flatMap(({ path, value }) => {
      const named = typeof value === "string" ? [value] : Object.keys(asRecord(value));
      return named.filter((word) => words.includes(word)).map((word) => ({ place: path, word }));
    }),
  );
}

/** What the schema says about a word that is known to be unsupported is no second problem. */
function withoutUnsupported(issue: z.core.$ZodIssue, unsupported: readonly Unsupported[]): readonly z.core.$ZodIssue[] {
  const words = unsupported.filter(({ place }) => place === issue.path.join(".")).map(({ word }) => word);
  if (words.length === 0) return [issue];
  if (issue.code !== "unrecognized_keys") return [];
  const keys = issue.keys.filter((key) => !words.includes(key));
  return keys.length === 0 ? [] : [{ ...issue, keys }];
}

function valuesAt(raw: unknown, steps: readonly string[], path = ""): readonly { path: string; value: unknown }[] {
  const [step, ...rest] = steps;
  if (step === undefined) return raw === undefined ? [] : [{ path, value: raw }];
  const entries = Object.entries(asRecord(raw));
  const matching = step === "*" ? entries : entries.filter(([key]) => key === step);
  return matching.flatMap(([key, value]) => valuesAt(value, rest, path === "" ? key : `${path}.${key}`));
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
