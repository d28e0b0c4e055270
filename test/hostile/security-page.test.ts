/** SECURITY.md names tests: each of them is there and is run, under that name. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { openGroupHierarchy } from "../../runners/sandbox/group-hierarchy.ts";

const ROOT = join(import.meta.dirname, "../..");
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const PAGE = readFileSync(join(ROOT, "SECURITY.md"), "utf8");
/** One file with the names of one or more of its tests. */
const SHOWN = /`(?<file>test\/[\w./-]+\.test\.ts)` (?<names>"[^"]+"(?:, "[^"]+")*)/g;
const ROW = new RegExp(
  `^\\| [^|]+ \\| ${SHOWN.source.replaceAll(/\?<\w+>/g, "?:")}(?:; ${SHOWN.source.replaceAll(/\?<\w+>/g, "?:")})* \\|$`,
);
/** Not registered where there is nothing to limit memory with; the page says so. */
const NOT_EVERYWHERE = "fills its memory";

const Listed = z.array(z.object({ name: z.string(), file: z.string() }));

const promised = PAGE.slice(PAGE.indexOf("## What is promised"), PAGE.indexOf("## What is not promised"));
const rows = promised.split("\n").filter((line) => /^\| (?!promise \|)/.test(line));
const named = [...promised.matchAll(SHOWN)].flatMap(({ groups: { file = "", names = "" } = {} }) =>
  [...names.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({ file, name })),
);

/** The tests that the files register here, by file. */
let registered: ReadonlyMap<string, z.infer<typeof Listed>>;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "steward-listed-"));
  const list = join(folder, "list.json");
  const { STEWARD_PROOFS: _proofs, NODE_V8_COVERAGE: _coverage, ...env } = process.env;
  const files = [...new Set(named.map(({ file }) => file))];
  await promisify(execFile)(process.execPath, [VITEST, "list", "--no-static-parse", `--json=${list}`, ...files], {
    cwd: ROOT,
    env,
  });
  const listed = Listed.parse(JSON.parse(readFileSync(list, "utf8")));
  rmSync(folder, { recursive: true });
  registered = Map.groupBy(listed, ({ file }) => relative(ROOT, file));
});

test("every promise has a test", () => {
  expect(rows.length).toBeGreaterThan(25);
  expect(rows.filter((row) => !ROW.test(row))).toEqual([]);
});

test.each(named)("$name, in $file, is run", ({ file, name }) => {
  const isRun = registered.get(file)?.some((listed) => listed.name.includes(name));
  expect(isRun).toBe(!name.endsWith(NOT_EVERYWHERE) || openGroupHierarchy() !== undefined);
});
