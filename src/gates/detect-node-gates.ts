/** Detects gates from package.json: its scripts, run by the package manager whose lockfile is there. */
import { z } from "zod";
import { parseJson } from "../lib/parse-json.ts";
import { type Detected, presentFiles, type RootFiles } from "./detected.ts";

const Scripts = z.record(z.string(), z.unknown());
const Dependencies = z.record(z.string(), z.unknown()).optional().catch(undefined);
const PackageJson = z.object({
  scripts: Scripts.optional().catch(undefined),
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
});
type PackageJson = z.infer<typeof PackageJson>;

/** A gate, and the scripts it may run: the first that is there. */
const GATES: readonly { readonly name: string; readonly scripts: readonly string[] }[] = [
  { name: "build", scripts: ["build"] },
  { name: "typecheck", scripts: ["typecheck", "type-check", "types"] },
  { name: "lint", scripts: ["lint"] },
  { name: "test", scripts: ["test"] },
  { name: "coverage", scripts: ["coverage", "test:coverage"] },
];
/** What npm writes into `test` of every new package. */
const NO_TEST = /no test specified/;

interface Manager {
  readonly lock: string;
  /** The program that runs scripts. */
  readonly program: string;
  readonly install: string;
}

const NPM = { program: "npm", install: "npm ci" };
const MANAGERS: readonly Manager[] = [
  { lock: "pnpm-lock.yaml", program: "pnpm", install: "pnpm install --frozen-lockfile" },
  { lock: "yarn.lock", program: "yarn", install: "yarn install --immutable" },
  { lock: "package-lock.json", ...NPM },
  { lock: "npm-shrinkwrap.json", ...NPM },
];
const UNLOCKED: Manager = { lock: "package.json", program: "npm", install: "npm install" };
/** The first line of a lockfile of yarn 1, which knows no `--immutable`. */
const CLASSIC_YARN = "# yarn lockfile v1";

/** Root files that are looked at. */
export const NODE_FILES: readonly string[] = ["package.json", ...MANAGERS.map((manager) => manager.lock)];

/** The gates of a Node package; `undefined` when it has no script that is one. */
export function detectNodeGates(files: RootFiles): Detected | undefined {
  const manifest = readManifest(files["package.json"]);
  if (!manifest) return undefined;
  const manager = managerOf(files);
  const gates = GATES.flatMap(({ name, scripts }) => {
    const script = scripts.find((candidate) => isCheck(manifest, candidate));
    return script === undefined
      ? []
      : [{ name, run: `${manager.program} ${script === "test" ? "test" : `run ${script}`}` }];
  });
  if (gates.length === 0) return undefined;
  const setup = hasDependencies(manifest) ? { run: manager.install, cache: [manager.lock] } : undefined;
  return { toolchain: "node", source: "package.json", gates, setup };
}

function readManifest(text: string | undefined): PackageJson | undefined {
  return text === undefined ? undefined : PackageJson.safeParse(parseJson(text)).data;
}

function isCheck({ scripts }: PackageJson, name: string): boolean {
  const script = scripts && Object.hasOwn(scripts, name) ? scripts[name] : undefined;
  return typeof script === "string" && script.trim() !== "" && !(name === "test" && NO_TEST.test(script));
}

function managerOf(files: RootFiles): Manager {
  const manager = MANAGERS.find(({ lock }) => presentFiles(files, [lock]).length > 0) ?? UNLOCKED;
  const isClassic = manager.lock === "yarn.lock" && files["yarn.lock"]?.includes(CLASSIC_YARN) === true;
  return isClassic ? { ...manager, install: "yarn install --frozen-lockfile" } : manager;
}

function hasDependencies({ dependencies, devDependencies, optionalDependencies }: PackageJson): boolean {
  return [dependencies, devDependencies, optionalDependencies].some((map) => Object.keys(map ?? {}).length > 0);
}
