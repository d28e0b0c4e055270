/** Folders that are made once and swept, and the keys they and results are kept under. */
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { resultKey, setUpKey } from "../../../runners/jobs/result-key.ts";
import { type KeptFolders, openKeptFolders } from "../../../runners/workspace/kept-folder.ts";
import { Sha, TaskId } from "../../../src/domain/ids.ts";

const HOUR_MS = 3_600_000;

let root: string;
let kept: KeptFolders;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "steward-kept-"));
  kept = openKeptFolders(join(root, "kept"), join(root, "trash"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const fill = async (folder: string) => writeFileSync(join(folder, "file"), "x");

function age(name: string, hours: number): void {
  const then = new Date(Date.now() - hours * HOUR_MS);
  utimesSync(kept.pathOf(name), then, then);
}

describe("a kept folder", () => {
  test("is made once, however many ask at the same time", async () => {
    let times = 0;
    const make = async (folder: string) => {
      times += 1;
      await fill(folder);
    };
    const folders = await Promise.all([1, 2, 3].map(() => kept.ensure("one", make)));
    expect(folders).toEqual([kept.pathOf("one"), kept.pathOf("one"), kept.pathOf("one")]);
    await kept.ensure("one", make);
    expect(times).toBe(1);
  });

  test("is not there at all when making it failed, and can be made again", async () => {
    const failing = kept.ensure("one", async (folder) => {
      await fill(folder);
      throw new Error("no room");
    });
    await expect(failing).rejects.toThrow("no room");
    expect(readdirSync(join(root, "kept"))).toEqual([]);
    expect(existsSync(join(await kept.ensure("one", fill), "file"))).toBe(true);
  });

  test("goes when it is long unused, but not while it is held", async () => {
    for (const name of ["old", "held", "young"]) await kept.ensure(name, fill);
    for (const name of ["old", "held"]) age(name, 3);
    const release = kept.hold(join(kept.pathOf("held"), "file"));
    await kept.sweep(2 * HOUR_MS);
    expect([...(await kept.names())].sort()).toEqual(["held", "young"]);
    release();
    await kept.sweep(2 * HOUR_MS);
    expect(await kept.names()).toEqual(["young"]);
    expect(readdirSync(join(root, "trash"))).toEqual([]);
  });

  test("counts as used whenever somebody asks for it", async () => {
    await kept.ensure("one", fill);
    age("one", 3);
    await kept.ensure("one", fill);
    await kept.sweep(2 * HOUR_MS);
    expect(await kept.names()).toEqual(["one"]);
  });

  test("is left alone by a sweep while it is being made", async () => {
    const proceed = Promise.withResolvers<void>();
    const made = kept.ensure("slow", async (folder) => {
      await fill(folder);
      await proceed.promise;
    });
    await expect.poll(() => existsSync(join(root, "kept"))).toBe(true);
    await kept.sweep(0);
    proceed.resolve();
    expect(existsSync(join(await made, "file"))).toBe(true);
  });
});

describe("a key", () => {
  const sha = (digit: string) => Sha.parse(digit.repeat(40));
  const gate = { name: "test", steps: ["npm test"], env: { A: "1", B: "2" }, timeoutMinutes: 5, runsOn: ["linux"] };
  const setup = { run: "npm ci", cache: ["package-lock.json"], timeoutMinutes: 10 };
  const inputs = { tree: sha("1"), mergeBase: sha("2"), gate, setup, toolchain: "node 24" };

  test("of a result is the same for the same inputs, in whatever order they are written", () => {
    const other = { ...inputs, gate: { ...gate, env: { B: "2", A: "1" }, runsOn: ["other"] } };
    expect(resultKey(other)).toBe(resultKey(inputs));
  });

  test("of a result differs with everything that decides it", () => {
    const variants = [
      { tree: sha("3") },
      { mergeBase: sha("3") },
      { mergeBase: undefined },
      { setup: undefined },
      { setup: { ...setup, run: "npm install" } },
      { toolchain: "node 22" },
      { gate: { ...gate, steps: ["npm", "test"] } },
      { gate: { ...gate, env: { A: "1" } } },
      { gate: { ...gate, timeoutMinutes: 6 } },
      { gate: { ...gate, coverage: { report: "lcov.info", minimum: 80 } } },
    ];
    const keys = [inputs, ...variants.map((variant) => ({ ...inputs, ...variant }))].map(resultKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("of a set-up differs with command, files, programs and the task it is private to", () => {
    const base = { setup, files: ["v1"], tree: undefined, toolchain: "node 24", task: undefined };
    const variants = [
      { setup: { ...setup, run: "npm install" } },
      { files: ["v2"] },
      { files: [undefined] },
      { tree: sha("1") },
      { toolchain: "node 22" },
      { task: TaskId.parse("acme/widgets#1") },
      { task: TaskId.parse("acme/widgets#2") },
    ];
    const keys = [base, ...variants.map((variant) => ({ ...base, ...variant }))].map(setUpKey);
    expect(new Set(keys).size).toBe(keys.length);
    expect(setUpKey({ ...base, setup: { ...setup, timeoutMinutes: 1 } })).toBe(setUpKey(base));
  });
});
