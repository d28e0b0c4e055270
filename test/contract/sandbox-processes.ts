/** What drivers that start real processes promise besides: nothing outlives a command, and its limits hold. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import { openPlainView } from "../support/plain-view.ts";
import { isAnywhere, LIMITS, openBench, uniqueSeconds, until } from "../support/sandbox-bench.ts";

/** Eight ways to stay behind: plain, in a session of its own, forked twice, deaf to signals, without its environment. */
function hostileTree(seconds: string): string {
  const sleep = `sleep ${seconds}`;
  return [
    `${sleep} &`,
    `setsid ${sleep} &`,
    `(${sleep} & ) &`,
    `setsid sh -c '${sleep} & ${sleep}' &`,
    `sh -c 'trap "" TERM INT HUP; ${sleep}' &`,
    `env -i /bin/${sleep} &`,
    `nohup ${sleep} > /dev/null 2>&1 &`,
  ].join("\n");
}

/** Registers the suite; `limitsMemory` is false on machines where no control group can be made. */
export function describeSandboxProcesses(create: () => Promise<SandboxDriver>, limitsMemory: boolean): void {
  test("leaves nothing behind when a command ends by itself", async () => {
    await using bench = await openBench(await create());
    const seconds = uniqueSeconds();
    const result = await bench.run(`${hostileTree(seconds)}\nexit 5`);
    expect(result).toMatchObject({ end: "exit", exitCode: 5 });
    expect(isAnywhere(seconds)).toBe(false);
  });

  test("leaves nothing behind when a command is aborted, though all of it was running", async () => {
    await using bench = await openBench(await create());
    const seconds = uniqueSeconds();
    const stop = new AbortController();
    const running = bench.run(`${hostileTree(seconds)}\nwait`, { signal: stop.signal });
    await until(() => isAnywhere(seconds));
    stop.abort();
    expect(await running).toMatchObject({ end: "aborted" });
    expect(isAnywhere(seconds)).toBe(false);
  });

  test("resolves soon although a process left behind holds the output open", async () => {
    await using bench = await openBench(await create());
    const result = await bench.run(`setsid sleep ${uniqueSeconds()} & echo done`);
    expect(result).toMatchObject({ end: "exit", exitCode: 0, output: "done\n" });
  });

  test("does not grow with a line that never ends", async () => {
    await using bench = await openBench(await create());
    const before = process.memoryUsage.rss();
    const limits = { ...LIMITS, outputBytes: 200_000_000 };
    let bytes = 0;
    const { driver, view } = bench;
    const argv = ["sh", "-c", "head -c 100000000 /dev/zero"];
    const { signal } = new AbortController();
    const onOutput = (chunk: Buffer) => {
      bytes += chunk.length;
    };
    await driver.run({ view, argv, env: {}, readable: [], writable: [], limits, onOutput, signal });
    expect(bytes).toBe(100_000_000);
    expect(process.memoryUsage.rss() - before).toBeLessThan(80_000_000);
  });

  test("lets scripts open their outputs again by name, as they do anywhere else", async () => {
    await using bench = await openBench(await create());
    const { output } = await bench.run("echo one > /dev/stdout; echo two > /dev/stderr; echo three | tee /dev/stderr");
    expect(output).toBe("one\ntwo\nthree\nthree\n");
  });

  test("reads the paths it was given", async () => {
    await using shared = await openPlainView();
    const file = join(shared.path, "note.txt");
    await writeFile(file, "for your eyes");
    await using bench = await openBench(await create(), [file]);
    expect((await bench.run(`cat ${file}`, { readable: [file] })).output).toBe("for your eyes");
  });

  test("holds a swarm of processes at its limit", async () => {
    await using bench = await openBench(await create());
    const swarm = "i=0; while [ $i -lt 300 ]; do sleep 60 & i=$((i+1)); done; echo all started";
    const { output, exitCode } = await bench.run(swarm, { limits: { ...LIMITS, processes: 40 } });
    expect(output).not.toContain("all started");
    expect(exitCode).not.toBe(0);
  });

  test("starts a swarm that is within its limit", async () => {
    await using bench = await openBench(await create());
    const swarm = "i=0; while [ $i -lt 30 ]; do sleep 60 & i=$((i+1)); done; echo all started";
    expect((await bench.run(swarm, { limits: { ...LIMITS, processes: 60 } })).output).toBe("all started\n");
  });

  if (limitsMemory) {
    test("ends what takes more memory than it may", async () => {
      await using bench = await openBench(await create());
      const limits = { ...LIMITS, memoryBytes: 32 * 1024 * 1024 };
      const result = await bench.run("echo alive; head -c 300m /dev/zero | tail", { limits });
      expect(result).toMatchObject({ end: "out-of-memory", exitCode: undefined });
      expect(result.output).toMatch(/^alive\n/);
    });
  }
}
