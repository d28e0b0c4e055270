/** Findings of compilers and linters in their own recorded output. */
import { describe, expect, test } from "vitest";
import { recordedFindings } from "../../../support/findings-fixture.ts";

describe("tsc", () => {
  test.each(["tsc", "tsc-pretty"])("as %s gives codes, and the explanation below a message", async (name) => {
    expect(await recordedFindings(name)).toEqual([
      "src/math.ts:4 TS2322: Type 'string' is not assignable to type 'number'.",
      "src/math.ts:5 TS6133: 'unused' is declared but its value is never read.",
      "src/math.ts:7 TS2551: Property 'nam' does not exist on type '{ readonly name: string; readonly size: number; }'. Did you mean 'name'?",
      "src/math.ts:9 TS2345: Argument of type '{ name: string; }' is not assignable to parameter of type '{ readonly name: string; readonly size: number; }'. Property 'size' is missing in type '{ name: string; }' but required in type '{ readonly name: string; readonly size: number; }'.",
    ]);
  });
});

describe("eslint", () => {
  test.each(["eslint-stylish", "eslint-color"])("as %s gives errors below their file", async (name) => {
    expect(await recordedFindings(name)).toEqual([
      "es/src/legacy.js:2 Expected '===' and instead saw '==' (eqeqeq)",
      "es/src/legacy.js:2 'console' is not defined (no-undef)",
      "es/src/legacy.js:2 'undefinedThing' is not defined (no-undef)",
      "es/src/legacy.js:4 Unexpected 'debugger' statement (no-debugger)",
      "es/src/syntax.js:1 Parsing error: Unexpected token =",
    ]);
  });

  test("as unix lines gives the same", async () => {
    expect(await recordedFindings("eslint-unix", "/checkout/es")).toEqual([
      "src/legacy.js:2 Expected '===' and instead saw '=='. (eqeqeq)",
      "src/legacy.js:2 'console' is not defined. (no-undef)",
      "src/legacy.js:2 'undefinedThing' is not defined. (no-undef)",
      "src/legacy.js:4 Unexpected 'debugger' statement. (no-debugger)",
      "src/syntax.js:1 Parsing error: Unexpected token =",
    ]);
  });

  test("gives warnings when nothing else explains the failure", async () => {
    expect(await recordedFindings("eslint-warnings", "/checkout/es")).toEqual([
      "src/legacy.js:1 Unexpected var, use let or const instead (no-var)",
    ]);
  });
});

describe("biome", () => {
  test("gives rules with places, and unformatted files without a line", async () => {
    expect(await recordedFindings("biome")).toEqual([
      "src/format.ts not formatted",
      "src/legacy.js:2 Using == may be unsafe if you are relying on type coercion. (lint/suspicious/noDoubleEquals)",
      "src/legacy.js:4 This is an unexpected use of the debugger statement. (lint/suspicious/noDebugger)",
      "src/math.ts not formatted",
    ]);
  });

  test("is read from GitHub's workflow commands too", async () => {
    expect(await recordedFindings("biome-github", "/checkout/bi")).toEqual([
      "src/format.ts:1 File content differs from formatting output (format)",
      "src/legacy.js:2 Using == may be unsafe if you are relying on type coercion. (lint/suspicious/noDoubleEquals)",
      "src/legacy.js:4 This is an unexpected use of the debugger statement. (lint/suspicious/noDebugger)",
      "src/math.ts:1 File content differs from formatting output (format)",
    ]);
  });
});

describe("mypy and ruff", () => {
  test("mypy gives errors and leaves notes out", async () => {
    expect(await recordedFindings("mypy")).toEqual([
      'test_import.py:1 Cannot find implementation or library stub for module named "not_there" [import-not-found]',
      'shop.py:5 Unsupported operand types for + ("int" and "str") [operator]',
      'shop.py:9 Incompatible return value type (got "int", expected "str") [return-value]',
    ]);
  });

  test.each(["ruff", "ruff-concise"])("%s gives rules", async (name) => {
    expect(await recordedFindings(name)).toEqual([
      "shop.py:1 F401 `os` imported but unused",
      "test_import.py:1 F401 `not_there` imported but unused",
      "test_shop.py:1 I001 Import block is un-sorted or un-formatted",
    ]);
  });

  test("ruff format gives the files", async () => {
    expect(await recordedFindings("ruff-format")).toEqual(["ugly.py:1 unformatted: File would be reformatted"]);
  });
});

describe("go and rust", () => {
  test("go vet gives places, also behind its own name", async () => {
    expect(await recordedFindings("go-vet")).toEqual(
      expect.arrayContaining([
        'broken/broken.go:6 cannot use "x" (untyped string constant) as int value in return statement',
        'vet/vet.go:5 fmt.Printf format %d has arg "x" of wrong type string',
      ]),
    );
  });

  test("rustc gives the code and the place below it, and errors only", async () => {
    expect(await recordedFindings("cargo-build")).toEqual(["src/lib.rs:8 E0308: mismatched types"]);
  });
});

describe("coverage below its threshold", () => {
  test.each([
    ["coverage-vitest", "Coverage for lines (50%) does not meet global threshold (85%)"],
    ["coverage-c8", "Coverage for lines (55.55%) does not meet global threshold (90%)"],
    ["coverage-jest", 'Coverage for lines (75%) does not meet "global" threshold (90%)'],
    ["coverage-pytest", "Required test coverage of 90% not reached. Total coverage: 75.00%"],
  ])("is a finding in %s, and what passing tests printed is none", async (name, message) => {
    expect(await recordedFindings(name)).toEqual([`- ${message}`]);
  });
});
