/** Which folder may import what: the one table that dependency-cruiser enforces and ARCHITECTURE.md shows. */
import type { IRegularForbiddenRuleType as Rule } from "dependency-cruiser";

/** One row of the table. Folders end with a slash, files do not. */
export interface ImportLevel {
  readonly level: string;
  readonly folders: readonly string[];
  /** What the row's files may import besides their own folder. */
  readonly mayImport: readonly string[];
  /** `peers`: folders of the same row may import each other. */
  readonly peers: boolean;
  /** The row in words, for ARCHITECTURE.md. */
  readonly may: string;
  readonly mayNot: string;
}

const WORDS = ["src/domain/", "src/protocol/", "src/ports/"];
const SLICES = "gitea app intake dependencies assignment queue gates continuation report"
  .split(" ")
  .map((name) => `src/${name}/`);
const SURFACES = ["src/handlers/", "src/commands/", "src/dashboard/", "src/cli/"];
const WIRING = ["src/*.ts"];
const BELOW_SURFACES = ["src/lib/", ...WORDS, ...SLICES, "src/coordinator/"];
const OUTSIDE = ["demo/", "bench/", "test/", "tools/"];

/** The table, lowest level first. */
export const IMPORT_LEVELS: readonly ImportLevel[] = [
  row("0", ["src/lib/"], [], { may: "Node, the logger, string distance", mayNot: "any word of the product" }),
  row("1 words", ["src/domain/"], ["src/lib/"], { may: "`lib`, zod", mayNot: "I/O, clock, environment, randomness" }),
  row("1 words", ["src/protocol/"], ["src/lib/", "src/domain/"], {
    may: "`lib`, `domain`, zod",
    mayNot: "I/O, clock, environment, randomness",
  }),
  row("1 words", ["src/ports/"], ["src/lib/", "src/domain/", "src/protocol/"], {
    may: "`lib`, `domain`, `protocol`, zod",
    mayNot: "I/O, clock, environment, randomness",
  }),
  row("2 slices", SLICES, ["src/lib/", ...WORDS], {
    may: "0-1; client libraries and I/O in technology files only",
    mayNot: "another slice",
  }),
  row("3 spine", ["src/coordinator/"], ["src/lib/", ...WORDS, ...SLICES], {
    may: "0-2, concept files",
    mayNot: "technology files, surfaces, `process.env`",
  }),
  row("4 surfaces", SURFACES, BELOW_SURFACES, {
    may: "0-3, concept files",
    mayNot: "each other (`handlers` may call `commands/run-commands.ts`)",
  }),
  row("5 wiring", WIRING, ["src/", "runners/"], { may: "everything below", mayNot: "a business rule", peers: true }),
  row("-", ["runners/"], ["src/lib/", "src/domain/", "src/protocol/"], {
    may: "`src/lib`, `src/domain`, `src/protocol`",
    mayNot: "anything else of `src`",
  }),
  row("-", OUTSIDE, ["src/", "runners/"], {
    may: "everything",
    mayNot: "being imported by `src` or `runners`",
    peers: true,
  }),
];

/** A file whose name starts with one of these does I/O behind a port; any other file of a slice computes. */
const TECHNOLOGIES =
  "anthropic bubblewrap bullmq docker file git hono host http memory node octokit pino podman process redis scripted simulated webhooks";
const TECHNOLOGY_FILE = `/(?:${TECHNOLOGIES.split(" ").join("|")})[-.][^/]*$`;

const IO_MODULES =
  "child_process cluster dgram dns fs http http2 https inspector net os process readline repl sqlite tls worker_threads"
    .split(" ")
    .join("|");
const IO_BUILTIN = `^(node:)?(?:${IO_MODULES})(?:/|$)`;
const IMPURE_BUILTIN = `^(node:)?(?:${IO_MODULES}|crypto|timers|perf_hooks)(?:/|$)`;
const CLIENT_LIBRARY =
  "node_modules/(?:ioredis|bullmq|@octokit/[^/]+|@anthropic-ai/[^/]+|hono|@hono/[^/]+|commander|undici)/";
const NOT_TYPES = { dependencyTypesNot: ["type-only" as const] };

/** The table and the other rules in dependency-cruiser's words. */
export function importRules(levels: readonly ImportLevel[] = IMPORT_LEVELS): Rule[] {
  return [...levels.flatMap(levelRules), ...TECHNOLOGY_RULES, ...HYGIENE_RULES];
}

const TECHNOLOGY_RULES: Rule[] = [
  forbid("words-are-pure", { path: pathOf(WORDS) }, { path: IMPURE_BUILTIN, ...NOT_TYPES }),
  forbid("words-know-only-zod", { path: pathOf(WORDS) }, { path: "node_modules/(?!zod/)", ...NOT_TYPES }),
  forbid(
    "lib-knows-few-packages",
    { path: pathOf(["src/lib/"]) },
    { path: "node_modules/(?!(?:pino|fastest-levenshtein)/)", ...NOT_TYPES },
  ),
  forbid("lib-does-no-io", { path: pathOf(["src/lib/"]) }, { path: IO_BUILTIN, ...NOT_TYPES }),
  forbid(
    "clients-in-technology-files",
    { path: pathOf([...SLICES, "src/coordinator/", "src/handlers/", "src/commands/"]), pathNot: TECHNOLOGY_FILE },
    { path: `${CLIENT_LIBRARY}|${IO_BUILTIN}`, ...NOT_TYPES },
  ),
  forbid(
    "redis-in-technology-files",
    { path: "^runners/", pathNot: [TECHNOLOGY_FILE, "^runners/main\\.ts$"] },
    { path: "node_modules/(?:ioredis|bullmq)/", ...NOT_TYPES },
  ),
  forbid(
    "concepts-do-not-import-technology",
    { path: pathOf(["src/coordinator/", ...SURFACES]) },
    { path: `${pathOf(SLICES.map((folder) => folder.slice(0, -1)))}.*${TECHNOLOGY_FILE}`, ...NOT_TYPES },
  ),
  forbid(
    "one-logger",
    { path: "^src/", pathNot: pathOf(["src/lib/", ...WIRING]) },
    { path: "node_modules/pino/", ...NOT_TYPES },
  ),
];

const HYGIENE_RULES: Rule[] = [
  forbid("no-cycles", {}, { circular: true, viaOnly: NOT_TYPES }),
  forbid("everything-resolves", {}, { couldNotResolve: true }),
  forbid("no-undeclared-packages", {}, { dependencyTypes: ["npm-no-pkg", "npm-unknown"] }),
  forbid("no-development-packages", { path: "^(?:src|runners)/" }, { dependencyTypes: ["npm-dev"], ...NOT_TYPES }),
];

function row(
  level: string,
  folders: readonly string[],
  mayImport: readonly string[],
  words: { may: string; mayNot: string; peers?: boolean },
): ImportLevel {
  return { level, folders, mayImport, peers: false, ...words };
}

function levelRules(level: ImportLevel): Rule[] {
  const groups = level.peers ? [level.folders] : level.folders.map((folder) => [folder]);
  return groups.map((own) =>
    forbid(
      `level-${own.length === 1 ? own[0] : level.level}`,
      { path: pathOf(own) },
      {
        path: "^(?:src|runners|demo|bench|test|tools)/",
        pathNot: [pathOf(own), pathOf(level.mayImport), ...exceptions(own)],
      },
    ),
  );
}

function exceptions(own: readonly string[]): string[] {
  return own.includes("src/handlers/") ? ["^src/commands/run-commands\\.ts$"] : [];
}

function forbid(name: string, from: Rule["from"], to: Rule["to"]): Rule {
  return { name, severity: "error", from, to };
}

/** A regular expression for the start of these paths; it matches nothing when there are none. */
function pathOf(paths: readonly string[]): string {
  return paths.length === 0 ? "^$" : `^(?:${paths.join("|").replaceAll(".", "\\.").replaceAll("*", "[^/]*")})`;
}

/** Whether a file computes by the table: the words, and what is not named after a technology in slices and spine. */
export function isConceptFile(path: string): boolean {
  const words = new RegExp(pathOf(WORDS)).test(path);
  const rules = new RegExp(pathOf([...SLICES, "src/coordinator/"])).test(path);
  return words || (rules && !new RegExp(TECHNOLOGY_FILE).test(path));
}
