/** Coverage of child processes: nothing lost, nothing counted twice, files nobody loaded included. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { measureCoverage } from "../../../tools/coverage.ts";

const SUBJECT = `/** Chooses by its argument. */
interface Choice {
  readonly side: "left" | "right";
}

export function choose(choice: Choice): string {
  if (choice.side === "left") {
    return "went left";
  }
  return "went right";
}

export function neverCalled(): number {
  return 1;
}
`;
const MAIN = `import { choose } from "./subject.ts";
choose({ side: process.argv[2] === "left" ? "left" : "right" });
if (process.argv[3] === "wait") {
  process.stdout.write("ready");
  setInterval(() => choose({ side: "left" }), 1000);
}
`;

describe("line coverage of child processes", () => {
  let root = "";

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "steward-coverage-"));
    for (const folder of ["src", "data"]) mkdirSync(join(root, folder));
    writeFileSync(join(root, "package.json"), '{"type":"module"}');
    writeFileSync(join(root, "src/subject.ts"), SUBJECT);
    writeFileSync(join(root, "src/main.ts"), MAIN);
    writeFileSync(join(root, "src/unused.ts"), "export const a = 1;\nexport const b: number = 2;\n");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const env = () => ({ ...process.env, NODE_V8_COVERAGE: join(root, "data") });
  const run = (side: string) => execFileSync(process.execPath, [join(root, "src/main.ts"), side], { env: env() });
  const measure = () => measureCoverage({ root, folders: ["src"], dataFolder: join(root, "data") });
  const linesOf = async (file: string) => (await measure()).fileCoverageFor(join(root, file)).getLineCoverage();

  test("one process covers the lines it went through, and no types or comments are counted", async () => {
    run("left");
    expect(await linesOf("src/subject.ts")).toEqual({ 7: 1, 8: 1, 10: 0, 14: 0 });
  });

  test("two processes cover what either went through, and their counts add up", async () => {
    run("left");
    run("right");
    run("right");
    expect(await linesOf("src/subject.ts")).toEqual({ 7: 3, 8: 1, 10: 2, 14: 0 });
  });

  test("a file that no process loaded counts with every line uncovered", async () => {
    run("left");
    expect(await linesOf("src/unused.ts")).toEqual({ 1: 0, 2: 0 });
    expect((await measure()).getCoverageSummary().lines).toMatchObject({ total: 10, covered: 4 });
  });

  test("a killed process adds nothing and spoils nothing", async () => {
    run("right");
    const child = spawn(process.execPath, [join(root, "src/main.ts"), "left", "wait"], { env: env() });
    await once(child.stdout, "data");
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(readdirSync(join(root, "data"))).toHaveLength(1);
    writeFileSync(join(root, "data/cut-off.json"), '{"result":[{"scriptId":"1","url":"fi');
    expect(await linesOf("src/subject.ts")).toEqual({ 7: 1, 8: 0, 10: 1, 14: 0 });
  });
});
