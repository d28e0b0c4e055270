/** What drivers that isolate promise: what is denied stands beside what works, in the same run. */

import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { chmod, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { forwarded } from "../../runners/sandbox/forwarder.ts";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import { openPlainView } from "../support/plain-view.ts";
import { isAnywhere, openBench, until } from "../support/sandbox-bench.ts";

/** A runner whose sandbox sleeps for the given number of seconds. */
const SLEEPING_RUNNER = fileURLToPath(new URL("../support/sleeping-runner.ts", import.meta.url));

/** Prints which of its arguments, ports or socket paths, can be connected to. */
const CONNECT = `
const { connect } = require("node:net");
const attempt = (target) => new Promise((resolve) => {
  const socket = connect(/^\\d+$/.test(target) ? { port: Number(target), host: "127.0.0.1" } : target);
  socket.once("data", (data) => resolve(data.toString())).once("error", (error) => resolve(error.code));
});
Promise.all(process.argv.slice(1).map(attempt)).then((answers) => { console.log(answers.join(" ")); process.exit(); });
`;

/** The number of the system call that lets a parent trace its caller. */
const PTRACE = process.arch === "arm64" ? 117 : 101;

async function greeter(where: string | number): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.write("hello");
  });
  server.listen(where);
  await once(server, "listening");
  return server;
}

/** Registers the suite. */
export function describeSandboxIsolation(create: () => Promise<SandboxDriver>): void {
  test("reaches the socket it was given and no network", async () => {
    await using shared = await openPlainView();
    const socketPath = join(shared.path, "greeter.sock");
    const [byPath, byPort] = [await greeter(socketPath), await greeter(0)];
    await chmod(socketPath, 0o666);
    const { port } = byPort.address() as AddressInfo;
    await using bench = await openBench(await create(), [socketPath]);
    const argv = [process.execPath, "-e", CONNECT, socketPath, String(port)];
    const { output } = await bench.run(argv, { readable: [socketPath] });
    byPath.close();
    byPort.close();
    expect(output).toBe("hello ECONNREFUSED\n");
  });

  test("reaches the socket by a port where a program knows only ports", async () => {
    await using shared = await openPlainView();
    const socketPath = join(shared.path, "greeter.sock");
    const server = await greeter(socketPath);
    await chmod(socketPath, 0o666);
    await using bench = await openBench(await create(), [socketPath]);
    const command = forwarded({ socketPath, port: 3128, argv: [process.execPath, "-e", CONNECT, "3128"] });
    expect(await bench.run(command.argv, { readable: command.readable })).toMatchObject({
      output: "hello\n",
      exitCode: 0,
    });
    const failing = forwarded({ socketPath, port: 3128, argv: ["sh", "-c", "exit 7"] });
    expect(await bench.run(failing.argv, { readable: failing.readable })).toMatchObject({ end: "exit", exitCode: 7 });
    const killed = forwarded({ socketPath, port: 3128, argv: ["sh", "-c", "kill -KILL $$"] });
    expect(await bench.run(killed.argv, { readable: killed.readable })).toMatchObject({ signal: "SIGKILL" });
    server.close();
  });

  test("sees none of the host's files", async () => {
    await using shared = await openPlainView();
    const file = join(shared.path, "private.txt");
    await writeFile(file, "private", { mode: 0o644 });
    await using bench = await openBench(await create(), [file]);
    const look = `[ -r /usr/bin/env ] && echo programs; for f in ${file} /etc/shadow /etc/hostname /root/.bashrc /run /var /srv; do [ -e $f ] && echo $f; done; true`;
    expect((await bench.run(look)).output).toBe("programs\n");
    expect((await bench.run(look, { readable: [file] })).output).toContain(file);
  });

  test("reads what is readable and cannot write it", async () => {
    await using shared = await openPlainView();
    const file = join(shared.path, "shared.txt");
    await writeFile(file, "shared");
    await chmod(file, 0o666);
    await using bench = await openBench(await create(), [file]);
    const append = `cat ${file}; echo more >> ${file} || echo refused`;
    expect((await bench.run(append, { readable: [file] })).output).toMatch(/^shared.*refused\n$/s);
    expect((await bench.run(append, { writable: [file] })).output).toBe("shared");
  });

  test("writes to its own view and not to another one", async () => {
    await using other = await openPlainView();
    await using bench = await openBench(await create());
    const { output } = await bench.run(`echo x > mine && echo wrote; echo x > ${other.path}/theirs || echo refused`);
    expect(output).toMatch(/^wrote\n[^\n]*\nrefused\n$/);
  });

  test("cannot write to the system, to its root or to devices", async () => {
    await using bench = await openBench(await create());
    const { output } = await bench.run(
      "echo x > /tmp/x && echo wrote; for f in /x /usr/x /etc/x /dev/x /proc/x; do echo x > $f && echo $f; done; true",
    );
    expect(output.split("\n").filter((line) => /^(?:wrote|\/)/.test(line))).toEqual(["wrote"]);
  });

  test("sees its own processes only, and no variable of the runner in them", async () => {
    await using bench = await openBench(await create());
    process.env.STEWARD_TEST_SECRET = "must-not-be-seen";
    const look = "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr '\\0' '\\n'; ls -d /proc/[0-9]* | wc -l";
    const { output } = await bench.run(look, { env: { CONTROL: "is-seen" } });
    delete process.env.STEWARD_TEST_SECRET;
    expect(output).toContain("CONTROL=is-seen");
    expect(output).not.toContain("must-not-be-seen");
    expect(Number(output.trim().split("\n").at(-1))).toBeLessThan(10);
  });

  test("has no rights to gain any", async () => {
    await using bench = await openBench(await create());
    const { output } = await bench.run(
      "id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status | tr -d '\\t'",
    );
    expect(output).toBe("1000\nCapEff:0000000000000000\nCapBnd:0000000000000000\nNoNewPrivs:1\nSeccomp:2\n");
  });

  test("cannot make namespaces, mounts or traces of its own", async () => {
    await using bench = await openBench(await create());
    const trace = `perl -e 'exit(syscall(${PTRACE}, 0, 0, 0, 0) != 0)'`;
    const attempts = `echo alive; unshare -Ur true && echo unshared; mount -t tmpfs none /tmp && echo mounted; ${trace} && echo traced; true`;
    // Outside, in a mount namespace that takes what is mounted with it.
    const outside = execFileSync("unshare", ["-Urm", "sh", "-c", attempts]).toString();
    expect(outside).toBe("alive\nunshared\nmounted\ntraced\n");
    const { output } = await bench.run(attempts);
    expect(output).toMatch(/^alive\n/);
    expect(output).not.toMatch(/^(?:unshared|mounted|traced)$/m);
  });

  test("has an environment that no variable can widen", async () => {
    await using bench = await openBench(await create());
    const env = { INJECTED: "x\0--bind\0/\0/host" };
    await expect(bench.run("ls /host", { env })).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
    const preload = await bench.run("echo alive", { env: { LD_PRELOAD: "/nonexistent.so" } });
    expect(preload.output).toContain("alive");
  });

  test("dies with a runner that is killed", async () => {
    const seconds = `${randomInt(100_000_000, 900_000_000)}`;
    const runner = spawn(process.execPath, [SLEEPING_RUNNER, seconds], { stdio: "inherit" });
    await until(() => isAnywhere(seconds, "sleep"));
    runner.kill("SIGKILL");
    await until(() => !isAnywhere(seconds, "sleep"));
  });

  test("refuses a view that does not expose what the command needs", async () => {
    await using bench = await openBench(await create());
    const needing = bench.run("true", { readable: ["/var/tmp/never-exposed"] });
    await expect(needing).rejects.toMatchObject({ code: "SANDBOX_UNAVAILABLE" });
  });

  test("finds all of this out by its own probe", async () => {
    const driver = await create();
    await using bench = await openBench(driver);
    const checks = await driver.probe(bench.view);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect(checks.map((check) => check.name)).toContain("core pattern");
  });
}
