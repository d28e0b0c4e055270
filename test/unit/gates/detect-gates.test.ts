/** Gates that are detected where a repository has no rules. */
import { describe, expect, it } from "vitest";
import { RepositoryRules } from "../../../src/domain/gate.ts";
import { detectRules, RULE_FILES } from "../../../src/gates/detect-gates.ts";

type Files = Readonly<Record<string, string | undefined>>;

function gatesOf(files: Files): Readonly<Record<string, string>> {
  const rules = detectRules(files);
  return Object.fromEntries((rules?.gates ?? []).map((gate) => [gate.name, gate.steps.join("; ")]));
}

function manifest(content: object): Files {
  return { "package.json": JSON.stringify(content) };
}

const DEFAULT_TEST = 'echo "Error: no test specified" && exit 1';

describe("package.json", () => {
  it("gives a gate for each script that is a check", () => {
    const files = manifest({
      scripts: {
        build: "tsc",
        "type-check": "tsc",
        lint: "biome check",
        test: "vitest run",
        coverage: "vitest run --coverage",
        start: "node .",
        fmt: "x",
      },
      devDependencies: { vitest: "5" },
    });
    const rules = detectRules({ ...files, "package-lock.json": "{}" });
    expect(RepositoryRules.parse(rules)).toEqual(rules);
    expect(rules).toMatchObject({
      gates: [
        { name: "build", steps: ["npm run build"] },
        { name: "typecheck", steps: ["npm run type-check"] },
        { name: "lint", steps: ["npm run lint"] },
        { name: "test", steps: ["npm test"] },
        { name: "coverage", steps: ["npm run coverage"] },
      ],
      setup: { run: "npm ci", cache: ["package-lock.json"] },
      integrity: "withhold",
      source: "package.json",
    });
  });

  it("has no test in what npm writes into new packages", () => {
    expect(detectRules(manifest({ scripts: { test: DEFAULT_TEST } }))).toBeUndefined();
    expect(gatesOf(manifest({ scripts: { test: DEFAULT_TEST, lint: "x" } }))).toEqual({ lint: "npm run lint" });
  });

  it("needs no set-up without dependencies", () => {
    const files = { ...manifest({ scripts: { test: "node --test" }, dependencies: {} }), "package-lock.json": "{}" };
    expect(detectRules(files)).not.toHaveProperty("setup");
  });

  it.each([
    ["pnpm-lock.yaml", "", "pnpm install --frozen-lockfile", "pnpm test"],
    ["yarn.lock", "# yarn lockfile v1\n", "yarn install --frozen-lockfile", "yarn test"],
    ["yarn.lock", "__metadata:\n", "yarn install --immutable", "yarn test"],
    ["npm-shrinkwrap.json", "{}", "npm ci", "npm test"],
    ["package.json", "", "npm install", "npm test"],
  ])("is run by the manager whose lockfile is there: %s", (lock, text, install, test) => {
    const files = manifest({ scripts: { test: "x" }, dependencies: { a: "1" } });
    expect(detectRules({ [lock]: text, ...files })).toMatchObject({
      gates: [{ steps: [test] }],
      setup: { run: install, cache: [lock] },
    });
  });

  it.each([
    ["not JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["scripts that are none", '{"scripts": 3}'],
    ["a script that is none", '{"scripts": {"test": ["x"], "build": " "}}'],
    ["names of objects", '{"scripts": {"__proto__": {"test": "x"}}}'],
    ["a deep list", "[".repeat(200_000)],
  ])("that is %s gives nothing", (_title, text) => {
    expect(detectRules({ "package.json": text })).toBeUndefined();
  });

  it("with odd dependencies still gives its scripts", () => {
    expect(gatesOf(manifest({ scripts: { test: "x" }, dependencies: ["a"] }))).toEqual({ test: "npm test" });
  });
});

describe("pyproject.toml", () => {
  it("gives the tools that are configured, run from the machine where nothing is depended on", () => {
    const text = "[tool.mypy]\nstrict = true\n[tool.ruff]\n[tool.pytest.ini_options]\n[tool.black]\n";
    expect(gatesOf({ "pyproject.toml": text })).toEqual({ typecheck: "mypy .", lint: "ruff check .", test: "pytest" });
    expect(detectRules({ "pyproject.toml": text })).not.toHaveProperty("setup");
  });

  it.each([
    ["dependencies", '[project]\nname = "x"\ndependencies = ["pytest>=8"]'],
    ["optional dependencies", '[project]\nname = "x"\n[project.optional-dependencies]\ndev = ["PyTest[x] ~= 8"]'],
    ["dependency groups", '[dependency-groups]\ndev = [{ include-group = "x" }, "pytest"]'],
    ["poetry's dependencies", '[tool.poetry.dependencies]\npython = "^3.12"\npytest = "*"'],
    ["poetry's groups", '[tool.poetry.group.dev.dependencies]\npytest = "*"'],
  ])("finds a tool among the %s", (_title, text) => {
    expect(Object.keys(gatesOf({ "pyproject.toml": text }))).toEqual(["test"]);
  });

  it.each([
    ["configured", "[tool.coverage.report]\nfail_under = 85\n[tool.pytest.ini_options]\n", ""],
    ["a dependency", '[dependency-groups]\ndev = ["coverage", "pytest"]', ".venv/bin/"],
    ["brought by pytest-cov", '[dependency-groups]\ndev = ["pytest-cov", "pytest"]', ".venv/bin/"],
  ])("measures coverage of the tests where that is %s", (_title, text, folder) => {
    expect(gatesOf({ "pyproject.toml": text })).toEqual({
      test: `${folder}pytest`,
      coverage: `${folder}coverage run -m pytest && ${folder}coverage report`,
    });
  });

  it("has nothing to measure without pytest", () => {
    expect(detectRules({ "pyproject.toml": "[tool.coverage.run]\nbranch = true\n" })).toBeUndefined();
  });

  it("is not fooled by names that only start alike", () => {
    expect(
      detectRules({ "pyproject.toml": '[project]\nname = "x"\ndependencies = ["pytest-cov", "mypy-x"]' }),
    ).toBeUndefined();
  });

  const project = '[project]\nname = "x"\ndependencies = ["requests", "pytest"]\n[tool.ruff]\n';
  it.each([
    ["uv.lock", "uv sync", { test: "uv run --no-sync pytest" }],
    ["poetry.lock", "poetry install", { test: ".venv/bin/pytest" }],
    [
      "requirements.txt",
      "-r requirements.txt ruff pytest",
      { lint: ".venv/bin/ruff check .", test: ".venv/bin/pytest" },
    ],
    ["pyproject.toml", "-e . ruff pytest", { lint: ".venv/bin/ruff check .", test: ".venv/bin/pytest" }],
  ])("is installed as %s says, out of the way of commits", (lock, install, gates) => {
    const files = { [lock]: "", "pyproject.toml": project };
    expect(gatesOf(files)).toEqual(gates);
    expect(detectRules(files)?.setup?.run).toContain(install);
    expect(detectRules(files)?.setup?.run).toContain("> .venv/.gitignore");
    expect(detectRules(files)?.setup?.cache).toContain(lock);
  });

  it.each([
    ["not TOML", "[tool"],
    ["a long dotted key", `${"a.".repeat(60_000)}b = 1`],
    ["of another shape", "tool = 3\nproject = []"],
    ["empty", ""],
  ])("that is %s gives nothing", (_title, text) => {
    expect(detectRules({ "pyproject.toml": text })).toBeUndefined();
  });
});

describe("Go and Rust", () => {
  it("need nothing but their manifest", () => {
    expect(gatesOf({ "go.mod": "module x" })).toEqual({
      build: "go build ./...",
      lint: "go vet ./...",
      test: "go test ./...",
    });
    expect(gatesOf({ "Cargo.toml": "[package]" })).toEqual({
      build: "cargo build --all-targets",
      test: "cargo test",
    });
  });

  it("download into the checkout what their lockfile names, and use that offline", () => {
    const rules = detectRules({ "go.mod": "module x", "go.sum": "" });
    expect(rules?.setup?.run).toContain("go mod download");
    expect(rules?.setup?.cache).toEqual(["go.mod", "go.sum"]);
    for (const gate of rules?.gates ?? []) expect(gate.steps[0]).toContain("GOMODCACHE=");
  });
});

describe("several toolchains", () => {
  it("have all their gates, each with a name of its own, and one set-up", () => {
    const rules = detectRules({
      ...manifest({ scripts: { test: "x" }, dependencies: { a: "1" } }),
      "package-lock.json": "{}",
      "pyproject.toml": '[project]\nname = "x"\ndependencies = ["pytest"]',
      "go.mod": "module x",
    });
    expect(rules?.gates.map((gate) => gate.name)).toEqual(["test", "python-test", "build", "lint", "go-test"]);
    expect(rules?.setup?.run).toMatch(/^npm ci && python3 -m venv/);
    expect(rules?.source).toBe("package.json, pyproject.toml, go.mod");
  });
});

describe("nothing to go by", () => {
  it("gives no rules", () => {
    expect(detectRules({})).toBeUndefined();
    expect(detectRules(Object.fromEntries(RULE_FILES.map((file) => [file, undefined])))).toBeUndefined();
  });
});
