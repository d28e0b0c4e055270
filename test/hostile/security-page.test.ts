/** SECURITY.md names tests: each of them is there, under that name. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const PAGE = readFileSync(join(ROOT, "SECURITY.md"), "utf8");
const SHOWN_BY = /^\| .* \| `(?<file>test\/[\w./-]+)` "(?<name>[^"]+)" \|$/;

const promised = PAGE.slice(PAGE.indexOf("## What is promised"), PAGE.indexOf("## What is not promised"));
const rows = promised.split("\n").filter((line) => /^\| (?!promise \|)/.test(line));

test("every promise has a test", () => {
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !SHOWN_BY.test(row))).toEqual([]);
});

test.each(rows.map((row) => SHOWN_BY.exec(row)?.groups ?? {}))(
  "$name, in $file, is there",
  ({ file = "", name = "" }) => {
    expect(readFileSync(join(ROOT, file), "utf8")).toContain(name);
  },
);
