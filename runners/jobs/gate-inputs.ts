/** Which files decide what gates run, and which parts of those that hold other things, too. */
import { parse as parseToml } from "smol-toml";
import { RULES_PATHS } from "../../src/domain/gate.ts";

/** Files that do nothing else: any change of one counts. Matched against the path without leading folders, or with them where it says so. */
const WHOLE_FILES: readonly RegExp[] = [
  /(?:^|\/)\.(?:gitea|github|forgejo)\/(?:workflows|actions)\//,
  /(?:^|\/)\.(?:woodpecker|circleci|buildkite)(?:\.ya?ml$|\/)/,
  /(?:^|\/)(?:\.gitlab-ci|\.travis|\.drone|azure-pipelines|appveyor|bitbucket-pipelines)\.ya?ml$/,
  /(?:^|\/)Jenkinsfile$/,
  /(?:^|\/)(?:vite|vitest|jest|karma|playwright|cypress|ava|eslint|prettier|stylelint|babel|webpack|rollup|tsup|wdio|web-test-runner)\.(?:config|conf|workspace|setup|projects)(?:\.[\w-]+)?\.(?:[cm]?[jt]s|json)$/,
  /(?:^|\/)\.(?:mocharc|eslintrc|prettierrc|stylelintrc|babelrc|c8rc|nycrc|swcrc|taprc|lintstagedrc)(?:\.\w+)?$/,
  /(?:^|\/)\.(?:eslintignore|prettierignore|eslintcache|npmrc|yarnrc|yarnrc\.yml|pnpmfile\.cjs)$/,
  /(?:^|\/)(?:ts|js)config(?:\.[\w.-]+)?\.json$/,
  /(?:^|\/)(?:biome|turbo|nx|deno|knip|codecov|\.codecov)\.(?:jsonc?|ya?ml)$/,
  /(?:^|\/)bunfig\.toml$/,
  /(?:^|\/)(?:pytest|tox|mypy)\.ini$/,
  /(?:^|\/)\.(?:coveragerc|mypy\.ini|flake8|pylintrc|pytest\.ini|isort\.cfg|ruff\.toml)$/,
  /(?:^|\/)(?:ruff\.toml|pylintrc|conftest\.py|noxfile\.py|pyrightconfig\.json)$/,
  /(?:^|\/)(?:GNU)?[Mm]akefile$|\.mk$/,
  /(?:^|\/)(?:[Jj]ustfile|\.justfile|[Tt]askfile\.ya?ml|Rakefile|build\.gradle(?:\.kts)?|gradle\.properties)$/,
  /(?:^|\/)\.golangci\.(?:ya?ml|toml|json)$/,
  /(?:^|\/)\.?(?:clippy|rustfmt|nextest)\.toml$|(?:^|\/)\.(?:cargo|config)\/(?:config|nextest)(?:\.toml)?$/,
  /(?:^|\/)\.pnp\.(?:cjs|js|loader\.mjs)$|\.py[co]$/,
];

/** Folders that set-up or a tool fills: what a commit holds there is run in the place of what was installed. */
const INSTALLED =
  /^(?:.*?\/)??(?:node_modules|bower_components|\.yarn|\.?venv|\.tox|\.nox|site-packages|__pypackages__)(?=\/|$)|^(?:.*?\/vendor(?=\/[\w-]+\.[\w.-]+\/)|vendor(?=\/|$))/;

/** Parts of package.json by which tools are told what to do. */
const PACKAGE_PARTS = [
  ...["scripts", "jest", "mocha", "ava", "tap", "c8", "nyc", "vitest", "babel", "browserslist", "wireit", "nx"],
  ...["eslintConfig", "eslintIgnore", "prettier", "stylelint", "xo", "standard", "type", "workspaces"],
];

const PYTHON_TOOLS = [
  ...["pytest", "coverage", "ruff", "mypy", "tox", "pylint", "flake8", "black", "isort", "nox", "pyright", "poe"],
  ...["hatch", "taskipy", "bandit", "unittest", "nose2"],
];

const CARGO_PARTS = [
  "lints",
  "profile",
  "test",
  "bench",
  "lib",
  "bin",
  "patch",
  "workspace.lints",
  "package.autotests",
];

/** Sections of setup.cfg that are not about tools. */
const OTHER_SECTIONS = /^(?:metadata|options(?:\..*)?|bdist_wheel|egg_info|sdist)$/;

/** How a file that holds other things, too, is taken apart. */
type TakeApart = (text: string) => ReadonlyMap<string, unknown>;

function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((inner, name) => {
    if (typeof inner !== "object" || inner === null) return undefined;
    return Object.entries(inner).find(([key]) => key === name)?.[1];
  }, value);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** A dependency that comes from elsewhere than the registry can be anything, also a test tool that tests nothing. */
const ELSEWHERE =
  /^(?:file|link|portal|git|git\+\w+|github|gitlab|bitbucket|https?|npm|patch):|^[\w.-]+\/[\w.-]+(?:#|$)/;

function packageParts(text: string): ReadonlyMap<string, unknown> {
  const parsed: unknown = JSON.parse(text);
  const parts = PACKAGE_PARTS.flatMap((name) => {
    const part = at(parsed, name);
    const inner = entriesOf(part).map(([key, value]) => [`${name}.${key}`, value] as const);
    return inner.length > 0 ? inner : [[name, part] as const];
  });
  const fields = ["dependencies", "devDependencies", "optionalDependencies", "overrides", "resolutions"];
  const elsewhere = fields.flatMap((field) =>
    entriesOf(at(parsed, field))
      .filter(([, from]) => typeof from === "string" && ELSEWHERE.test(from))
      .map(([name, from]) => [`${field}.${name}`, from] as const),
  );
  return new Map([...parts, ...elsewhere]);
}

function tomlParts(names: readonly string[]): TakeApart {
  return (text) => {
    const parsed = parseToml(text);
    return new Map(names.map((name) => [name, at(parsed, name)]));
  };
}

function iniSections(text: string): ReadonlyMap<string, unknown> {
  const sections = text.split(/^(?=\[[^\]\n]+\])/m).map((section) => {
    const name = /^\[([^\]\n]+)\]/.exec(section)?.[1] ?? "";
    return [name, section.trim()] as const;
  });
  return new Map(sections.filter(([name]) => name !== "" && !OTHER_SECTIONS.test(name)));
}

const TAKEN_APART: readonly (readonly [name: RegExp, takeApart: TakeApart])[] = [
  [/(?:^|\/)package\.json$/, packageParts],
  [/(?:^|\/)pyproject\.toml$/, tomlParts(PYTHON_TOOLS.map((tool) => `tool.${tool}`))],
  [/(?:^|\/)Cargo\.toml$/, tomlParts(CARGO_PARTS)],
  [/(?:^|\/)setup\.cfg$/, iniSections],
];

/** True when any change of the file counts. */
export function isGateInput(path: string): boolean {
  return RULES_PATHS.includes(path) || WHOLE_FILES.some((pattern) => pattern.test(path));
}

/** The folder of installed things that the path leads into, or is in the place of. */
export function installedFolder(path: string): string | undefined {
  return INSTALLED.exec(path)?.[0];
}

/** True when the file's content tells whether a change counts. */
export function isPartlyGateInput(path: string): boolean {
  return TAKEN_APART.some(([pattern]) => pattern.test(path));
}

function parts(takeApart: TakeApart, text: string | undefined): ReadonlyMap<string, unknown> | undefined {
  try {
    return text === undefined ? new Map() : takeApart(text);
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** What changed of the parts that count, a line each; a file that cannot be read counts as changed. */
export function changedGateInputs(
  path: string,
  before: string | undefined,
  after: string | undefined,
): readonly string[] {
  const takeApart = TAKEN_APART.find(([pattern]) => pattern.test(path))?.[1];
  if (!takeApart) return [];
  const [old, now] = [parts(takeApart, before), parts(takeApart, after)];
  if (!old || !now) return ["it cannot be read"];
  const names = [...new Set([...old.keys(), ...now.keys()])];
  const changed = names.filter((name) => JSON.stringify(old.get(name)) !== JSON.stringify(now.get(name)));
  return changed.map((name) => `${name}: ${shown(old.get(name))} became ${shown(now.get(name))}`);
}
