/** Findings of test programs in their own recorded output. */
import { describe, expect, test } from "vitest";
import { recordedFindings } from "../../../support/findings-fixture.ts";

describe("vitest", () => {
  const inMath = [
    "test/math.test.ts:6 add > adds two numbers: AssertionError: expected -1 to be 5 // Object.is equality",
    "test/math.test.ts:12 add > handles objects: AssertionError: expected { a: 1, b: [ 1, 2 ] } to deeply equal { a: 1, b: [ 1, 3 ] }",
    "test/math.test.ts:15 add > throws from inside: SyntaxError: Expected property name or '}' in JSON at position 1 (line 1 column 2)",
  ];

  test("gives each failing test where it failed, and suites that could not be loaded", async () => {
    expect(await recordedFindings("vitest", "/checkout/vi")).toEqual([
      "test/broken.test.ts:1 Error: Cannot find module '../src/not-there.ts' imported from test/broken.test.ts",
      ...inMath,
      "test/slow.test.ts:2 never ends: Error: Test timed out in 50ms.",
    ]);
  });

  test("gives the same with its verbose reporter", async () => {
    expect(await recordedFindings("vitest-verbose")).toEqual(inMath);
  });
});

describe("jest", () => {
  test("gives each failing test where it failed, and the place of a syntax error", async () => {
    expect(await recordedFindings("jest", "/checkout/je")).toEqual([
      "test/cart.test.js:4 cart › sums its items: expect(received).toBe(expected) // Object.is equality Expected: 3 Received: -1",
      "test/cart.test.js:9 throws: TypeError: sum.boom is not a function",
      "test/syntax.test.js:1 SyntaxError: Unexpected token",
    ]);
  });
});

describe("node:test", () => {
  test("gives each failing test at its own frame of the stack, and the crash of a file", async () => {
    expect(await recordedFindings("node-spec")).toEqual([
      "node-tests/syntax.test.mjs Error [ERR_MODULE_NOT_FOUND]: Cannot find module 'node-tests/missing.mjs' imported from node-tests/syntax.test.mjs",
      "node-tests/cart.test.mjs:6 sums its items: AssertionError [ERR_ASSERTION]: Expected values to be strictly equal: 2 !== 3",
      "node-tests/cart.test.mjs:11 is never negative: AssertionError [ERR_ASSERTION]: discount of an empty cart + actual - expected { + a: 1 - a: 2 }",
      "node-tests/cart.test.mjs:16 throws: TypeError: items is not iterable",
      "node-tests/syntax.test.mjs:1 node-tests/syntax.test.mjs: 'test failed'",
    ]);
  });

  test("gives the same in TAP, without the suites that failed because of them", async () => {
    expect(await recordedFindings("node-tap")).toEqual([
      "node-tests/cart.test.mjs:6 sums its items: Expected values to be strictly equal: 2 !== 3",
      "node-tests/cart.test.mjs:11 is never negative: discount of an empty cart + actual - expected { + a: 1 - a: 2 }",
      "node-tests/cart.test.mjs:16 throws: items is not iterable",
      "node-tests/syntax.test.mjs:1 node-tests/syntax.test.mjs: test failed",
    ]);
  });

  test("a program that died of an error gives the error, though its stack is Node's own", async () => {
    expect(await recordedFindings("node-crash")).toEqual([
      "- Error: Cannot find module 'cov/node_modules/c8/bin/c8.js'",
    ]);
  });
});

describe("pytest", () => {
  test("gives each failure once, at its deepest frame below the root folder it names", async () => {
    expect(await recordedFindings("pytest")).toEqual([
      "py/test_shop.py:29 test_with_fixture: RuntimeError: no database",
      "py/shop.py:5 test_total: TypeError: unsupported operand type(s) for +: 'int' and 'str'",
      "py/test_shop.py:11 test_small[2]: AssertionError: n is too large: a - b",
      "py/test_shop.py:16 TestThings.test_list: assert [1, 2, 3] == [1, 2, 4]",
    ]);
  });

  test("gives a file that cannot be imported", async () => {
    expect(await recordedFindings("pytest-import")).toEqual([
      "py/test_import.py:1 test_import.py: ModuleNotFoundError: No module named 'not_there'",
    ]);
  });

  test("gives what the short summary says where there are no tracebacks", async () => {
    expect(await recordedFindings("pytest-summary")).toEqual([
      "test_shop.py test_total: TypeError: unsupported operand type(s) for ...",
      "test_shop.py test_small[2]: AssertionError: n is too large: a - b",
      "test_shop.py TestThings.test_list: assert [1, 2, 3] == [1, 2, 4]",
      "test_shop.py test_with_fixture: RuntimeError: no database",
    ]);
  });
});

describe("go test", () => {
  const failures = [
    "cart_test.go:7 TestTotal: Total = -3, want 3",
    "cart_test.go:10 TestTotal/empty: no reason",
    "go/pkg/cart_test.go:18 TestPanics: panic: assignment to entry in nil map [recovered, repanicked]",
  ];

  test("gives build errors, messages of failed tests, and a panic at its own frame", async () => {
    expect(await recordedFindings("go-test")).toEqual([
      'broken/broken.go:3 "os" imported and not used',
      'broken/broken.go:6 cannot use "x" (untyped string constant) as int value in return statement',
      'vet/vet.go:5 fmt.Printf format %d has arg "x" of wrong type string',
      ...failures,
    ]);
  });

  test("gives the same failures with -v, where messages stand above the result", async () => {
    expect(await recordedFindings("go-test-v")).toEqual(failures);
  });
});

test("cargo test gives panics with their tests", async () => {
  expect(await recordedFindings("cargo-test")).toEqual([
    "src/lib.rs:15 tests::sums: assertion `left == right` failed left: 4 right: 3",
  ]);
});
