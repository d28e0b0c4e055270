/** A repository's rules file. */
import { describe, expect, it } from "vitest";
import { RepositoryRules } from "../../../src/domain/gate.ts";
import { loadRules } from "../../../src/gates/load-rules.ts";

const PATH = ".gitea/steward.yml";

function rulesOf(text: string): RepositoryRules {
  const loaded = loadRules(text, PATH);
  if ("problems" in loaded) throw new Error(loaded.problems.join("\n"));
  return loaded.rules;
}

function problemsOf(text: string): readonly string[] {
  const loaded = loadRules(text, PATH);
  return "problems" in loaded ? loaded.problems : [];
}

/** The problems of a file that has one good gate and this. */
function problemsBeside(text: string): readonly string[] {
  return problemsOf(`gates:\n  ok: { run: "true" }\n${text}`);
}

describe("loadRules", () => {
  it("reads a file that uses everything", () => {
    const rules = rulesOf(`
setup:
  run: npm ci
  cache: [package-lock.json]
gates:
  build:    { run: npm run build }
  lint:     { run: npm run lint, timeout-minutes: 5 }
  test:     { steps: [{ run: npm test }, { name: again, run: npm test }], runs-on: [linux, node], env: { CI: "true" } }
  coverage: { run: npm run coverage, coverage: { report: coverage/lcov.info, minimum: 85, changed-lines: 90 } }
integrity: report
merge: manual
`);
    const common = { env: {}, runsOn: [], timeoutMinutes: 15 };
    expect(RepositoryRules.parse(rules)).toEqual({
      setup: { run: "npm ci", cache: ["package-lock.json"], timeoutMinutes: 30 },
      gates: [
        { ...common, name: "build", steps: ["npm run build"] },
        { ...common, name: "lint", steps: ["npm run lint"], timeoutMinutes: 5 },
        { ...common, name: "test", steps: ["npm test", "npm test"], runsOn: ["linux", "node"], env: { CI: "true" } },
        {
          ...common,
          name: "coverage",
          steps: ["npm run coverage"],
          coverage: { report: "coverage/lcov.info", minimum: 85, changedLines: 90 },
        },
      ],
      integrity: "report",
      source: PATH,
    });
  });

  it("withholds by default, and needs no set-up", () => {
    const rules = rulesOf("gates: { test: { run: make test } }");
    expect(rules.integrity).toBe("withhold");
    expect(rules).not.toHaveProperty("setup");
  });

  it("reads numbers, truth and nothing in env as text, and single labels and paths as lists", () => {
    const rules = rulesOf(
      "setup: { run: make, cache: a.lock }\ngates: { a: { run: x, runs-on: linux, env: { N: 3, T: true, E: , S: x } } }",
    );
    expect(rules.gates[0]).toMatchObject({ runsOn: ["linux"], env: { N: "3", T: "true", E: "", S: "x" } });
    expect(rules.setup?.cache).toEqual(["a.lock"]);
  });

  it("keeps the order of the gates, and reads Windows line ends, many lines and anchors", () => {
    const text = "gates:\n  b: &g\n    run: |\n      one\n      two\n  a: *g\n";
    const rules = rulesOf(text.replaceAll("\n", "\r\n"));
    expect(rules.gates.map((gate) => [gate.name, gate.steps])).toEqual([
      ["b", ["one\ntwo\n"]],
      ["a", ["one\ntwo\n"]],
    ]);
  });
});

describe("a wrong file", () => {
  it("says all its problems together, by line", () => {
    const text = `setpu: {}
gates:
  verdict: { run: x }
  test:
    timout-minutes: 5
    run: npm test
    steps: [{ run: npm test, uses: actions/checkout@v4 }]
  "no name": { run: "" }
  e2e: { status: "ci / e2e" }
merge: auto
`;
    expect(problemsOf(text)).toEqual([
      "Line 1: `setpu` is not known; did you mean `setup`?",
      "Line 3: `gates.verdict` is a name that Steward itself uses.",
      "Line 4: `gates.test` has both `run` and `steps`; use one of them.",
      "Line 5: `gates.test.timout-minutes` is not known; did you mean `timeout-minutes`?",
      "Line 7: `gates.test.steps.0.uses` is not supported yet.",
      "Line 8: `gates.no name.run` must be a shell command.",
      "Line 8: `gates.no name` is no name for a gate; use up to 64 letters, digits, `.`, `_` and `-`.",
      "Line 9: `gates.e2e.status` is not supported yet.",
      "Line 10: `merge` as `auto` is not supported yet; use `manual`.",
    ]);
  });

  it.each([
    ["", ["The file must be a mapping with `gates`."]],
    ["- a", ["The file must be a mapping with `gates`."]],
    ["merge: manual", ["`gates` is missing; it must be a mapping of gate names to gates."]],
    ["gates:", ["Line 1: `gates` must be a mapping of gate names to gates."]],
    ["gates: {}", ["Line 1: `gates` is empty; without a gate nothing can be accepted."]],
    ["gates: { a: npm test }", ["Line 1: `gates.a` must be a mapping with `run` or `steps`."]],
    ["gates: { a: {} }", ["Line 1: `gates.a` has no `run` and no `steps`."]],
    ["gates: { a: { steps: [] } }", ["Line 1: `gates.a.steps` must be a list of steps, each with `run`."]],
    [
      "gates: { a: { steps: [{ name: x }] } }",
      ["Line 1: `gates.a.steps.0.run` is missing; it must be a shell command."],
    ],
    ["gates: { a: { run: 3 } }", ["Line 1: `gates.a.run` must be a shell command."]],
    ['gates: { a: { run: "a\\0b" } }', ["Line 1: `gates.a.run` must be a shell command."]],
    ["gates: { Verdict: { run: x } }", ["Line 1: `gates.Verdict` is a name that Steward itself uses."]],
  ])("%j", (text, problems) => {
    expect(problemsOf(text)).toEqual(problems);
  });

  it.each([
    ["integrity: off", "must be `withhold` or `report`"],
    ["merge: yes", "must be `manual`"],
    ["setup: npm ci", "must be a mapping with `run` and `cache`"],
    ["setup: { run: npm ci }", "is missing; it must be a path or a list of paths"],
    ["setup: { run: npm ci, cache: /etc/passwd }", "must be a path or a list of paths"],
    ["setup: { run: npm ci, cache: [../x] }", "must be a path below the checkout"],
    ["  x: { run: x, timeout-minutes: 0 }", "must be a number of minutes above 0 and up to 360"],
    ["  x: { run: x, timeout-minutes: 361 }", "must be a number of minutes above 0 and up to 360"],
    ["  x: { run: x, timeout-minutes: soon }", "must be a number of minutes above 0 and up to 360"],
    ["  x: { run: x, runs-on: a+b }", "must be a runner label or a list of them"],
    ["  x: { run: x, runs-on: [a b] }", "must be a runner label or a list of them"],
    ["  x: { run: x, env: [a] }", "must be a mapping of variables to values"],
    ["  x: { run: x, env: { 1a: x } }", "is no name for a variable"],
    ["  x: { run: x, env: { A: [x] } }", "must be text, a number, true or false"],
    ["  x: { run: x, coverage: { report: a } }", "demands nothing; add `minimum` or `changed-lines`"],
    ["  x: { run: x, coverage: { report: ../a, minimum: 3 } }", "must be a path below the checkout"],
    ["  x: { run: x, coverage: { report: a, minimum: 101 } }", "must be a percentage from 0 to 100"],
    ["  x: { run: x, coverage: { minimum: 3 } }", "is missing; it must be a path below the checkout"],
    ["  x: { run: x, coverage: { report: a, minimun: 3, minimum: 3 } }", "is not known; did you mean `minimum`?"],
  ])("with %j says what it must be, and nothing else", (text, problem) => {
    const problems = problemsBeside(text);
    expect(problems).toEqual([expect.stringMatching(/^Line 3: `/)]);
    expect(problems[0]).toContain(problem);
  });

  it.each([
    "container: node:24",
    "services: {}",
    "protected: [x]",
    "  x: { run: x, container: y }",
    "  x: { run: x, services: {} }",
    "  x: { run: x, strategy: {} }",
    "  x: { run: x, needs: [ok] }",
    "  x: { run: x, if: always() }",
    "  x: { run: x, continue-on-error: true }",
    "  x: { status: ci }",
    "  x: { steps: [{ run: x, uses: y }] }",
  ])("with the planned %j is told that it is not supported yet", (text) => {
    expect(problemsBeside(text)).toEqual([expect.stringMatching(/^Line 3: `[^`]+` is not supported yet\.$/)]);
  });

  it("lists what may stand there for a key that resembles nothing", () => {
    expect(problemsBeside("banana: 1")).toEqual([
      "Line 3: `banana` is not known; here may stand `setup`, `gates`, `integrity`, `merge`.",
    ]);
  });

  it.each([
    ["an unclosed list", "gates: [", /^Line 1 is no YAML: `/],
    ["a key given twice", "gates: {}\ngates: {}", /^Line 2 is no YAML: `Map keys must be unique`\.$/],
    ["a tab for indentation", "gates:\n\ta: 1", /^Line 2 is no YAML: `/],
    ["two documents", "gates: {}\n---\ngates: {}", /^Line 2 is no YAML: `/],
    ["an alias that leads nowhere", "gates: *x", /alias/i],
  ])("with %s is no YAML", (_title, text, problem) => {
    expect(problemsOf(text)[0]).toMatch(problem);
  });

  it("makes keys harmless that would call or close something", () => {
    const [problem = ""] = problemsBeside('"@ada closes #3 `x`": 1');
    expect(problem).not.toMatch(/@ada|closes #3/);
  });
});

describe("a hostile file", () => {
  const bomb = Array.from({ length: 12 }, (_, index) => `k${index}: &k${index} [${`*k${index - 1},`.repeat(9)}]`);
  it.each([
    ["an alias bomb", ["k-1: &k-1 [x]", ...bomb].join("\n")],
    ["a deep list", `gates: ${"[".repeat(60_000)}`],
    ["a deep mapping", `gates: ${"{a: ".repeat(15_000)}`],
    ["an alias to itself", "gates: &a { x: *a }"],
    ["a million lines", "a\n".repeat(1_000_000)],
    ["names of objects", "__proto__: { x: 1 }\nconstructor: 1\ngates: { __proto__: { run: x }, constructor: 3 }"],
  ])("with %s is refused", (_title, text) => {
    const problems = problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.length).toBeLessThanOrEqual(30);
  });

  it("with more gates than can be run is refused", () => {
    const gates = Array.from({ length: 51 }, (_, index) => `  g${index}: { run: x }`).join("\n");
    expect(problemsOf(`gates:\n${gates}`)).toEqual(["Line 1: `gates` has more than 50 gates."]);
  });
});
