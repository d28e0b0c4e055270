/** What counts as a change of the gates' inputs or of the tests, and what does not. */
import { describe, expect, test } from "vitest";
import { type Inspected, integrityChanges, needsContent } from "../../../runners/jobs/integrity.ts";

/** A file with its text on both sides; the lines that differ are found as a diff without common lines would. */
function file(path: string, before: string | undefined, after: string | undefined, previousPath?: string): Inspected {
  const [old, now] = [before?.split("\n") ?? [], after?.split("\n") ?? []];
  const changed = previousPath ? "renamed" : "modified";
  return {
    path,
    previousPath,
    status: before === undefined ? "added" : after === undefined ? "deleted" : changed,
    changedLines: [],
    added: now.filter((line) => !old.includes(line)),
    removed: old.filter((line) => !now.includes(line)),
    before,
    after,
  };
}

const packageJson = (content: object) => JSON.stringify(content, undefined, 2);

describe("a gate's input", () => {
  test.each([
    ".gitea/steward.yml",
    ".forgejo/steward.yml",
    ".gitea/workflows/ci.yml",
    ".github/workflows/test.yaml",
    ".gitlab-ci.yml",
    "vitest.config.ts",
    "packages/a/vitest.workspace.ts",
    "jest.config.js",
    "jest.setup.ts",
    ".mocharc.json",
    "tsconfig.json",
    "packages/a/tsconfig.build.json",
    "eslint.config.mjs",
    ".eslintrc.cjs",
    ".eslintrc",
    "biome.json",
    "biome.jsonc",
    ".nycrc",
    "pytest.ini",
    "tests/conftest.py",
    ".coveragerc",
    "ruff.toml",
    ".ruff.toml",
    "mypy.ini",
    "tox.ini",
    ".flake8",
    "Makefile",
    "build/rules.mk",
    ".golangci.yml",
    "clippy.toml",
    ".cargo/config.toml",
    ".npmrc",
    ".pnp.cjs",
    "tests/__pycache__/conftest.cpython-313.pyc",
  ])("is %s, changed, added, removed or renamed", (path) => {
    const variants = [
      file(path, "a", "b"),
      file(path, undefined, "b"),
      file(path, "a", undefined),
      file("elsewhere", "a", "a", path),
    ];
    for (const variant of variants)
      expect(integrityChanges([variant])).toMatchObject([{ kind: "gate-input", file: path }]);
  });

  test.each([
    ["node_modules/vitest/vitest.mjs", "node_modules"],
    ["packages/a/node_modules/.bin/jest", "packages/a/node_modules"],
    ["node_modules", "node_modules"],
    [".yarn/releases/yarn-4.cjs", ".yarn"],
    [".venv/bin/pytest", ".venv"],
    ["venv/lib/python3.13/site-packages/pytest/__init__.py", "venv"],
    ["env/lib/python3.13/site-packages/pytest/__init__.py", "env/lib/python3.13/site-packages"],
    ["vendor/autoload.php", "vendor"],
    ["tools/vendor/github.com/stretchr/testify/assert/assertions.go", "tools/vendor"],
  ])("is %s, in the place of what is installed", (path, folder) => {
    const detail = "changed in the place of what is installed: 1 file";
    for (const variant of [file(path, undefined, "b"), file(path, "a", "b"), file("elsewhere", "a", "a", path)])
      expect(integrityChanges([variant])).toEqual([{ kind: "gate-input", file: folder, detail }]);
  });

  test("is an installed folder once, however many of its files changed, and hides no other change", () => {
    const many = Array.from({ length: 300 }, (_, index) => file(`node_modules/a/${index}.test.js`, "it('x', f)", "b"));
    expect(integrityChanges([...many, file("Makefile", "a", "b")])).toMatchObject([
      { file: "node_modules", detail: "changed in the place of what is installed: 300 files" },
      { file: "Makefile" },
    ]);
  });

  test.each([
    "src/config.ts",
    "src/node_modules.ts",
    "src/vendor/invoice.ts",
    "docs/venv.md",
    "docs/.gitea/steward.yml",
    "README.md",
    "src/makefile-parser.ts",
    "docs/tsconfig.md",
    "package-lock.json",
    "src/eslint.ts",
    "data.json",
  ])("is not %s", (path) => expect(integrityChanges([file(path, "a", "b"), file(path, undefined, "b")])).toEqual([]));

  test.each<[string, object, object, string[]]>([
    [
      "a script that says something else",
      { scripts: { test: "vitest run" } },
      { scripts: { test: "true" } },
      ['scripts.test: "vitest run" became "true"'],
    ],
    [
      "a new script",
      { scripts: { test: "x" } },
      { scripts: { test: "x", pretest: "y" } },
      ['scripts.pretest: nothing became "y"'],
    ],
    ["a script that is gone", { scripts: { lint: "x" } }, {}, ['scripts.lint: "x" became nothing']],
    [
      "a tool's part",
      { jest: { bail: true } },
      { jest: { bail: true, testMatch: [] } },
      ["jest.testMatch: nothing became []"],
    ],
    [
      "a tool from elsewhere",
      { devDependencies: { vitest: "^3" } },
      { devDependencies: { vitest: "file:./fake" } },
      ['devDependencies.vitest: nothing became "file:./fake"'],
    ],
  ])("in package.json is %s", (_name, before, after, details) => {
    const changes = integrityChanges([file("package.json", packageJson(before), packageJson(after))]);
    expect(changes).toEqual(details.map((detail) => ({ kind: "gate-input", file: "package.json", detail })));
  });

  test("in package.json is no dependency, version, or other order", () => {
    const before = { version: "1.0.0", scripts: { test: "x", lint: "y" }, dependencies: { a: "^1.0.0" } };
    const after = {
      scripts: { lint: "y", test: "x" },
      version: "2.0.0",
      dependencies: { a: "^2.0.0", b: "1.x", c: "workspace:*" },
    };
    expect(integrityChanges([file("package.json", packageJson(before), packageJson(after))])).toEqual([]);
  });

  test("is a package.json that cannot be read any more", () => {
    expect(integrityChanges([file("package.json", "{}", "{")])).toMatchObject([{ detail: "it cannot be read" }]);
  });

  test("is a tool's table in pyproject.toml, Cargo.toml or setup.cfg, and no dependency", () => {
    const python = (addopts: string, dependency: string) =>
      `[project]\ndependencies = ["${dependency}"]\n[tool.pytest.ini_options]\naddopts = "${addopts}"\n`;
    expect(integrityChanges([file("pyproject.toml", python("", "a"), python("", "b"))])).toEqual([]);
    expect(integrityChanges([file("pyproject.toml", python("", "a"), python("-k nothing", "a"))])).toMatchObject([
      { kind: "gate-input", detail: expect.stringContaining("tool.pytest") },
    ]);
    const cargo = (lints: string) => `[dependencies]\na = "1"\n[lints.rust]\nwarnings = "${lints}"\n`;
    expect(integrityChanges([file("Cargo.toml", cargo("deny"), cargo("allow"))])).toHaveLength(1);
    const cfg = (rule: string, version: string) => `[metadata]\nversion = ${version}\n[flake8]\nignore = ${rule}\n`;
    expect(integrityChanges([file("setup.cfg", cfg("", "1"), cfg("", "2"))])).toEqual([]);
    expect(integrityChanges([file("setup.cfg", cfg("", "1"), cfg("E501", "1"))])).toMatchObject([
      { file: "setup.cfg" },
    ]);
  });
});

const TESTS = {
  "src/sum.test.ts": 'test("adds", () => {\n  expect(1).toBe(1);\n});\nit("subtracts", () => {});\n',
  "tests/test_sum.py": "def test_adds():\n    assert 1\n\ndef test_subtracts():\n    assert 1\n",
  "sum_test.go": "func TestAdds(t *testing.T) {\n}\nfunc TestSubtracts(t *testing.T) {\n}\n",
};

describe("a test that was taken away", () => {
  test.each(Object.entries(TESTS))("is a deleted file: %s", (path, text) => {
    expect(integrityChanges([file(path, text, undefined)])).toEqual([
      { kind: "test-deleted", file: path, detail: "the file is gone" },
    ]);
  });

  test.each(Object.entries(TESTS))("is a file without tests: %s", (path, text) => {
    expect(integrityChanges([file(path, text, "\n")])).toEqual([
      { kind: "test-emptied", file: path, detail: "none of its 2 tests is left" },
    ]);
  });

  test.each(Object.entries(TESTS))("is one test fewer: %s", (path, text) => {
    const shorter = text.slice(0, text.search(/it\("sub|def test_sub|func TestSub/));
    expect(integrityChanges([file(path, text, shorter)])).toEqual([
      {
        kind: "test-deleted",
        file: path,
        detail: expect.stringMatching(/^1 test fewer: "(?:subtracts|test_subtracts|TestSubtracts)"$/),
      },
    ]);
  });

  test("is a file renamed to what is no test", () => {
    const [path, text] = ["src/sum.test.ts", TESTS["src/sum.test.ts"]];
    expect(integrityChanges([file("src/sum.old.ts", text, text, path)])).toMatchObject([
      { kind: "test-deleted", file: path },
    ]);
  });

  test("is not a file that moved, a test with another title, or one that moved to another file", () => {
    const [path, text] = ["src/sum.test.ts", TESTS["src/sum.test.ts"]];
    expect(integrityChanges([file("test/sum.test.ts", text, text, path)])).toEqual([]);
    expect(integrityChanges([file(path, text, text.replace("subtracts", "takes away"))])).toEqual([]);
    const moved = [
      file(path, text, text.split("it(")[0]),
      file("src/minus.test.ts", undefined, 'it("subtracts", () => {});\n'),
    ];
    expect(integrityChanges(moved)).toEqual([]);
  });

  test("is not a new test, or a changed assertion", () => {
    const [path, text] = ["src/sum.test.ts", TESTS["src/sum.test.ts"]];
    expect(integrityChanges([file(path, text, `${text}test("more", () => {});\n`)])).toEqual([]);
    expect(integrityChanges([file(path, text, text.replace("toBe(1)", "toBeDefined()"))])).toEqual([]);
    expect(integrityChanges([file("src/new.test.ts", undefined, text)])).toEqual([]);
  });

  test("is not code, a fixture, or something a test needs", () => {
    for (const path of [
      "src/sum.ts",
      "test/fixtures/a.ts",
      "test/support/x.ts",
      "test/data.json",
      "src/contest.ts",
      "src/latest.ts",
    ]) {
      expect(integrityChanges([file(path, "it('x', f)", undefined)])).toEqual([]);
    }
  });
});

describe("a test that is skipped", () => {
  test.each([
    ["a.test.ts", 'test.skip("adds", f);'],
    ["a.test.ts", 'describe.only("sums", f);'],
    ["a.test.ts", 'it.todo("adds");'],
    ["a.test.ts", 'xit("adds", f);'],
    ["a.test.ts", 'fdescribe("adds", f);'],
    ["a.test.ts", 'test.concurrent.skip("adds", f);'],
    ["a.test.ts", 'test("adds", { skip: true }, f);'],
    ["a.test.ts", "  t.skip();"],
    ["a.test.ts", "test.skipIf(true)('adds', f);"],
    ["test_a.py", "@pytest.mark.skip"],
    ["test_a.py", '@pytest.mark.xfail(reason="x")'],
    ["test_a.py", '    pytest.skip("no")'],
    ["test_a.py", '@unittest.skip("no")'],
    ["test_a.py", '        self.skipTest("no")'],
    ["a_test.go", '\tt.Skip("no")'],
    ["a_test.go", "//go:build never"],
    ["tests/a.rs", "#[ignore]"],
    ["ATest.java", "@Disabled"],
  ])("is found in %s: %s", (path, line) => {
    const before = "first\n";
    expect(integrityChanges([file(path, before, `first\n${line}\n`)])).toContainEqual({
      ...{ kind: "test-skipped", file: path },
      detail: line.trim(),
    });
  });

  test("is found in a new file only where it leaves out others", () => {
    expect(integrityChanges([file("a.test.ts", undefined, 'test.skip("x", f);')])).toEqual([]);
    expect(integrityChanges([file("a.test.ts", undefined, 'test.only("x", f);')])).toMatchObject([
      { kind: "test-skipped" },
    ]);
  });

  test("is not one that was skipped before, nor a word that looks like it", () => {
    const skipped = 'test.skip("adds", f);\n';
    expect(integrityChanges([file("a.test.ts", skipped, `  ${skipped}more\n`)])).toEqual([]);
    expect(
      integrityChanges([file("a.test.ts", "", 'const limit = skip(3); list.only(3); exit("x"); fit = 1;\n')]),
    ).toEqual([]);
  });
});

test("contents are asked for only where they decide", () => {
  const asked = (path: string, previousPath?: string) => needsContent({ path, previousPath });
  expect(["package.json", "a/pyproject.toml", "src/a.test.ts"].map((path) => asked(path))).toEqual([true, true, true]);
  expect(["src/a.ts", "vitest.config.ts", "logo.png"].map((path) => asked(path))).toEqual([false, false, false]);
  expect(asked("src/a.ts", "src/a.test.ts")).toBe(true);
});

test("a report stays readable, whatever it is about", () => {
  const script = "x".repeat(5_000);
  const many = Array.from({ length: 300 }, (_, index) => file(`a${index}.test.ts`, "it('x', f)", undefined));
  const changes = integrityChanges([file("package.json", "{}", packageJson({ scripts: { a: script } })), ...many]);
  expect(changes).toHaveLength(100);
  expect(changes[0]?.detail.length).toBeLessThanOrEqual(200);
});
