/** What is common to all readers: paths, order, bounds, and hostile logs. */
import { describe, expect, test } from "vitest";
import { excerptOf } from "../../../../runners/findings/excerpt.ts";
import { MAX_FINDINGS, readFindings } from "../../../../runners/findings/read-findings.ts";
import { testCounts } from "../../../../runners/findings/test-counts.ts";
import { shown } from "../../../support/findings-fixture.ts";

describe("a path", () => {
  test.each([
    ["below the work folder becomes relative", "/checkout/src/a.ts", "src/a.ts"],
    ["as a file address becomes relative", "file:///checkout/src/a%20b.ts", "src/a%20b.ts"],
    ["with dots is made plain", "./src/../src/a.ts", "src/a.ts"],
    ["in a folder whose name starts with dots stays", "..src/a.ts", "..src/a.ts"],
  ])("%s", (_title, file, expected) => {
    expect(readFindings(`::error file=${file},line=3::oh`, "/checkout")).toEqual([
      { file: expected, line: 3, message: "oh" },
    ]);
  });

  test.each([
    ["/etc/passwd"],
    ["/checkout2/a.ts"],
    ["../a.ts"],
    ["/checkout/../etc/passwd"],
    ["file:///etc/passwd"],
    ["node:internal/a.js"],
    ["https://evil.example/a.ts"],
    ["/checkout"],
    [`${"a".repeat(400)}.ts`],
  ])("such as %s is outside, and its message is dropped", (file) => {
    expect(readFindings(`::error file=${file},line=3::oh`, "/checkout")).toEqual([]);
  });

  test("outside does not take a failing test's message with it", () => {
    const log = "thread 'a' panicked at /rustc/library/core.rs:1:1:\nindex out of bounds\n";
    expect(shown(log)).toEqual(["- a: index out of bounds"]);
  });

  test("in somebody else's code gives way to the first own frame", () => {
    const log = "Error: no\n    at x (/checkout/node_modules/y/z.js:1:1)\n    at own (/checkout/src/a.js:7:2)\n";
    expect(shown(log)).toEqual(["src/a.js:7 Error: no"]);
  });
});

describe("findings", () => {
  test("of several tools come in the log's order, each once", () => {
    const log = [
      "b.go:2:1: undefined: y",
      "a.ts(1,1): error TS1: first",
      "b.go:2:1: undefined: y",
      "c.py:3: error: third",
    ].join("\r\n");
    expect(shown(log)).toEqual(["b.go:2 undefined: y", "a.ts:1 TS1: first", "c.py:3 third"]);
  });

  test("of an unknown tool are taken from plain text, and only then", () => {
    const plain = "  lib/a.rb:12: undefined method `x'\nREADME.md:3:14 - no such link\n12:30:01 nothing here\n";
    expect(shown(plain)).toEqual(["lib/a.rb:12 undefined method `x'", "README.md:3 no such link"]);
    expect(shown(`${plain}a.ts(1,1): error TS1: real\n`)).toEqual(["a.ts:1 TS1: real"]);
  });

  test("of a line that was redrawn are those of its last drawing", () => {
    expect(shown("working 10 %\rworking 90 %\ra.ts(1,1): error TS1: x\n")).toEqual(["a.ts:1 TS1: x"]);
  });

  test("carry no terminal escapes or control characters", () => {
    expect(shown("a.ts(1,1): error TS1: \u001b[31mred\u001b[0m \u0000\u0007bell\u001b]8;;http://x\u0007link")).toEqual([
      "a.ts:1 TS1: red belllink",
    ]);
  });

  test("end at a number that can be worked off, with messages of readable length", () => {
    const log = Array.from({ length: 5000 }, (_, n) => `a.ts(${n + 1},1): error TS1: ${"x".repeat(900)}`).join("\n");
    const findings = readFindings(log, "/checkout");
    expect(findings).toHaveLength(MAX_FINDINGS);
    expect(Math.max(...findings.map(({ message }) => message.length))).toBe(400);
  });

  test("have only lines that a file can have", () => {
    expect(shown("::error file=a.ts,line=-1::x\n::error file=b.ts,line=99999999999999999999::y\n")).toEqual([
      "a.ts x",
      "b.ts y",
    ]);
  });

  test("of a log without any are none", () => {
    expect(readFindings("", "/checkout")).toEqual([]);
    expect(readFindings("all is well\n", "/checkout")).toEqual([]);
  });
});

describe("a hostile log", () => {
  // A pattern that backtracks badly takes minutes here, far more than the test's own deadline; all of them together need far less than a second.
  const MEGABYTE = 1_000_000;
  const pieces = [
    "a",
    " ",
    "\t",
    ".",
    ":",
    "::",
    "(",
    "_",
    "=",
    "━",
    "1 failed ",
    "a.ts:1:1 ",
    "a.b:",
    "error: ",
    "::error a=",
    " - ",
    "  at (",
    "E   ",
    "\u001b[",
    "\u001b]8;",
    "✖ (1",
    "Tests  1 ",
    " FAIL  a > ",
    "not ok 1 - ",
    "a/../",
  ];

  test.each(pieces)("of one megabyte of %j on one line is read to its end", (piece) => {
    const line = piece.repeat(MEGABYTE / piece.length);
    expectRead(line);
    expectRead(`x${line}!`);
  });

  test.each(pieces)("of a thousand long lines of %j is read to its end", (piece) => {
    const line = piece.repeat(Math.ceil(1000 / piece.length));
    expectRead(`${line}\n`.repeat(1000));
  });

  test.each([
    "    at a (/checkout/a.js:1:1)\n",
    "___ a ___\n",
    "not ok 1 - a\n  ---\n",
    " FAIL  a.test.ts > a\n",
    "  ● a\n",
    "test at a.js:1:1\n✖ a\n",
    "panic: a\n--- FAIL: a (",
  ])("of many blocks %j that never end is read to its end", (block) => {
    expectRead(block.repeat(MEGABYTE / block.length));
  });

  function expectRead(log: string): void {
    for (const read of [() => readFindings(log, "/checkout"), () => excerptOf(log)]) expect(read()).toBeDefined();
    expect(() => testCounts(log)).not.toThrow();
  }
});
