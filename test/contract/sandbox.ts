/** What every sandbox driver promises, also the simulated one: scripts here use only words that all of them know. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import { recordProof } from "../support/proved.ts";
import { LIMITS, openBench } from "../support/sandbox-bench.ts";

/** Registers the suite for one driver. */
export function describeSandbox(create: () => Promise<SandboxDriver>): void {
  const open = async () => openBench(await create());
  beforeAll(async () => recordProof("sandbox", (await create()).name));

  test("tells the exit code as it is", async () => {
    await using bench = await open();
    expect(await bench.run("exit 0")).toMatchObject({ end: "exit", exitCode: 0, signal: undefined });
    expect(await bench.run("exit 3")).toMatchObject({ end: "exit", exitCode: 3, signal: undefined });
  });

  test("tells a death by signal as a signal and makes up no exit code", async () => {
    await using bench = await open();
    expect(await bench.run("kill -TERM $$")).toMatchObject({ end: "signal", exitCode: undefined, signal: "SIGTERM" });
    expect(await bench.run("kill -KILL $$")).toMatchObject({ end: "signal", exitCode: undefined, signal: "SIGKILL" });
  });

  test("says 127 for a program that is not there", async () => {
    await using bench = await open();
    expect(await bench.run(["no-such-program"])).toMatchObject({ end: "exit", exitCode: 127 });
  });

  test("hands over both outputs in the order they were written", async () => {
    await using bench = await open();
    const { output } = await bench.run("echo one; echo two >&2; echo three; echo four >&2");
    expect(output).toBe("one\ntwo\nthree\nfour\n");
  });

  test("hands the input over, and an empty one when there is none", async () => {
    await using bench = await open();
    const long = "prompt ünïcode\n".repeat(20_000);
    expect((await bench.run("cat", { stdin: long })).output).toBe(long);
    expect(await bench.run("cat")).toMatchObject({ end: "exit", exitCode: 0, output: "" });
  });

  test("survives a command that does not read its input", async () => {
    await using bench = await open();
    const result = await bench.run("exit 4", { stdin: "x".repeat(1_000_000) });
    expect(result).toMatchObject({ end: "exit", exitCode: 4 });
  });

  test("gives the command its own variables and none of the runner's", async () => {
    await using bench = await open();
    process.env.STEWARD_TEST_SECRET = "must-not-be-seen";
    const { output } = await bench.run("env", { env: { GIVEN: "two words" } });
    delete process.env.STEWARD_TEST_SECRET;
    expect(output).toContain("GIVEN=two words\n");
    for (const name of ["PATH", "HOME", "TMPDIR", "LANG"]) expect(output).toMatch(new RegExp(`^${name}=.`, "m"));
    expect(output).not.toContain("must-not-be-seen");
    expect(output).not.toContain(process.env.PATH);
  });

  test("starts in the work folder, where it can write", async () => {
    await using bench = await open();
    const { output, exitCode } = await bench.run("pwd; echo content > made.txt");
    expect({ output, exitCode }).toEqual({ output: `${bench.driver.workFolder(bench.view)}\n`, exitCode: 0 });
    expect(readFileSync(join(bench.view.path, "made.txt"), "utf8")).toBe("content\n");
  });

  test("ends at its deadline", async () => {
    await using bench = await open();
    const result = await bench.run("echo ready; sleep 60; echo never", { limits: { ...LIMITS, timeoutMs: 300 } });
    expect(result).toMatchObject({ end: "timeout", exitCode: undefined, signal: undefined, output: "ready\n" });
  });

  test("ends when it is aborted", async () => {
    await using bench = await open();
    const stop = new AbortController();
    const onOutput = () => stop.abort();
    const result = await bench.run("echo ready; sleep 60; echo never", { signal: stop.signal, onOutput });
    expect(result).toMatchObject({ end: "aborted", exitCode: undefined, output: "ready\n" });
  });

  test("does not start what was aborted before", async () => {
    await using bench = await open();
    const result = await bench.run("echo started > started.txt", { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ end: "aborted", output: "" });
    expect(existsSync(join(bench.view.path, "started.txt"))).toBe(false);
  });

  test("ends at the output limit and hands over no more than that", async () => {
    await using bench = await open();
    const result = await bench.run("yes text", { limits: { ...LIMITS, outputBytes: 100_000 } });
    expect(result).toMatchObject({ end: "output-limit", exitCode: undefined });
    expect(result.output.length).toBe(100_000);
  });

  test("runs several commands at once without mixing them up", async () => {
    await using bench = await open();
    const results = await Promise.all([1, 2, 3, 4, 5, 6].map((code) => bench.run(`echo ${code}; exit ${code}`)));
    expect(results.map(({ exitCode, output }) => [exitCode, output])).toEqual(
      [1, 2, 3, 4, 5, 6].map((code) => [code, `${code}\n`]),
    );
  });
}
