/** What agents do that mean harm, through the real executors, on every driver that isolates: nothing outside is read, changed or reached, and other jobs go on. */
import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createSessionExecutor } from "../../runners/jobs/session-job.ts";
import { createOutputLog } from "../../runners/output.ts";
import { openGroupHierarchy } from "../../runners/sandbox/group-hierarchy.ts";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import { openHostileReach } from "../support/hostile-reach.ts";
import { type HostileWork, ISOLATING_DRIVERS, openHostileWork, SEARCH } from "../support/hostile-work.ts";
import { isAnywhere, uniqueSeconds } from "../support/sandbox-bench.ts";

const MEBIBYTE = 1024 * 1024;
const LIMIT_MS = 150_000;
const DRIVERS = join(import.meta.dirname, "../../runners/sandbox");

test("these are all drivers that isolate", async () => {
  const files = readdirSync(DRIVERS).filter((file) => file.endsWith("-sandbox.ts") && file !== "select-sandbox.ts");
  const drivers = await Promise.all(files.map(async (file) => driverOf(await import(join(DRIVERS, file)))));
  expect(drivers.length).toBeGreaterThan(ISOLATING_DRIVERS.length);
  const isolating = drivers.filter(({ isolates }) => isolates).map(({ name }) => name);
  expect(isolating).toEqual(ISOLATING_DRIVERS.map(({ name }) => name));
});

type Create = (config: { readonly tools: readonly string[] }, search: typeof SEARCH) => Promise<SandboxDriver>;

async function driverOf(file: Readonly<Record<string, Create>>): Promise<SandboxDriver> {
  const create = Object.entries(file).find(([name]) => /^create\w*Sandbox$/.test(name))?.[1];
  if (!create) throw new Error("a driver's file makes no driver");
  return create({ tools: [] }, SEARCH);
}

/** Finds the text in every file that can be read; the pattern is written so that it does not match itself. */
function searching(text: string): string {
  const pattern = `${text.slice(0, -1)}[${text.slice(-1)}]`;
  return `for f in $(/usr/bin/grep -rslD skip --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr --exclude-dir=node_modules '${pattern}' /); do echo "IN $f"; done`;
}

describe.each(ISOLATING_DRIVERS)("in $name", ({ create }) => {
  let work: HostileWork;

  beforeAll(async () => {
    work = await openHostileWork(create);
  });

  afterAll(() => work[Symbol.asyncDispose]());

  describe("an agent that is out of bounds is stopped at its limit, beside another task's gates:", () => {
    test("it prints 100 MB in one line", { timeout: LIMIT_MS }, async () => {
      const seen: string[] = [];
      const running = work.prepare("head -c 100000000 /dev/zero | tr '\\0' x; echo later > later.txt");
      const output = createOutputLog({ secrets: ["secret"], limitBytes: MEBIBYTE, sink: (text) => seen.push(text) });
      const before = process.memoryUsage.rss();
      const { result, head } = await work.besides({ ...running, context: { ...running.context, log: output.write } });
      output.end();
      expect(result).toMatchObject({ outcome: "stopped", summary: "printed more than 4 MiB", changed: false });
      expect(head).toBeUndefined();
      expect(seen.join("").length).toBeLessThan(2 * MEBIBYTE);
      expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MEBIBYTE);
      expect((await work.attack("head -c 1000000 /dev/zero | tr '\\0' x; echo done > done.txt")).result).toMatchObject({
        outcome: "claimed",
        changed: true,
      });
    });

    test("it forks without end", { timeout: LIMIT_MS }, async () => {
      const seconds = uniqueSeconds();
      const bomb = `echo begun > begun.txt; f() { sleep ${seconds} & f | f; }; f`;
      const { result } = await work.attack(`${bomb}; sleep ${seconds}`, { turnMinutes: 0.04 });
      expect(result.outcome).toMatch(/^(?:limit|stopped)$/);
      expect(result.changed).toBe(true);
      expect(isAnywhere(seconds)).toBe(false);
    });

    test("it fills its disk", { timeout: LIMIT_MS }, async () => {
      const { log } = await work.attack(
        "echo kept > kept.txt; head -c 900M /dev/zero > big; df --output=avail . | tail -n1",
      );
      expect(log).toContain("No space left on device");
      expect(log).toMatch(/^ *0$/m);
    });

    test("it fills its disk with empty files", { timeout: LIMIT_MS }, async () => {
      const fill =
        "i=0; while true 2>/dev/null > f$i; do i=$((i+1)); done; echo full after $i; rm -f f*; echo x > x.txt";
      const { log, result } = await work.attack(fill, {}, work.limited({ diskBytes: 8 * MEBIBYTE }));
      expect(Number(/full after (\d+)/.exec(log)?.[1])).toBeLessThan(20_000);
      expect(result).toMatchObject({ outcome: "claimed", changed: true });
    });

    test("it does not hear SIGTERM at its deadline", { timeout: LIMIT_MS }, async () => {
      const seconds = uniqueSeconds();
      const deaf = `echo half > half.txt; trap '' TERM INT HUP; while :; do sleep ${seconds}; done`;
      const { result } = await work.attack(deaf, { turnMinutes: 0.02 });
      expect(result).toMatchObject({ outcome: "limit", changed: true });
      expect(isAnywhere(seconds)).toBe(false);
    });

    test("it leaves processes in the background", { timeout: LIMIT_MS }, async () => {
      const seconds = uniqueSeconds();
      const leave = `setsid sleep ${seconds} & (trap '' TERM; nohup sleep ${seconds}) & (sleep ${seconds} &) & echo x > x.txt`;
      const asOwnArgument = `${seconds.slice(0, -1)}[${seconds.slice(-1)}]`;
      const count = `grep -lszx '${asOwnArgument}' /proc/[0-9]*/cmdline | wc -l`;
      const { result, log } = await work.attack(
        `${leave}; until [ $(${count}) -ge 3 ]; do :; done; echo left $(${count})`,
      );
      expect(log).toContain("left 3\n");
      expect(result).toMatchObject({ outcome: "claimed", changed: true });
      expect(isAnywhere(seconds)).toBe(false);
    });

    if (openGroupHierarchy()) {
      test("it fills its memory", { timeout: LIMIT_MS }, async () => {
        const deps = work.limited({ memoryBytes: 64 * MEBIBYTE });
        const { result } = await work.attack("echo half > half.txt; head -c 2G /dev/zero | tail", {}, deps);
        expect(result).toMatchObject({
          outcome: "stopped",
          summary: "ran out of memory (limit 64 MiB)",
          changed: true,
        });
      });
    }
  });

  describe("an agent finds nothing of others:", () => {
    test("not the work of another task, and no way to write to it or to the mirror", {
      timeout: LIMIT_MS,
    }, async () => {
      const other = work.prepare("echo work-of-another > theirs.txt; echo begun; sleep 60");
      const ended = createSessionExecutor(other.deps)(other.context);
      await other.logged("begun\n");
      const objects = "$(cat .git/objects/info/alternates)";
      const { log } = await work.attack(`
      echo work-of-mine > mine.txt; ls ${objects} > /dev/null && echo reads the mirror
      ${searching("work-of-mine")}; ${searching("work-of-another")}
      for place in ${objects} ${objects}/.. ${objects}/../hooks ${work.bench.config.folder} /mnt /srv /opt /home /var/tmp /run; do
        (echo x > $place/planted) 2> /dev/null || echo DENIED $place
      done
      echo x > planted && echo wrote here
    `);
      expect(log).toContain("reads the mirror\n");
      expect(log).toContain("wrote here\n");
      expect(log.match(/^IN .*$/gm)).toEqual(["IN /checkout/mine.txt"]);
      expect(log).toMatch(/^DENIED .*\/objects$/m);
      // Folders above what a sandbox is shown are its own, whatever they are called.
      const outside = ["/mnt", "/srv", "/opt", "/home", "/var/tmp", "/run"].flatMap((place) => readdirSync(place));
      const kept = readdirSync(work.bench.config.folder, { recursive: true, encoding: "utf8" });
      expect([...outside, ...kept].filter((name) => basename(name) === "planted")).toEqual([]);
      other.stop("shutdown");
      await expect(ended).rejects.toMatchObject({ code: "RUN_FENCED" });
      const theirs = work.bench.server.git(
        "diff",
        "--name-only",
        work.main,
        String(work.bench.server.head(other.job.branch)),
      );
      expect(theirs).toBe("theirs.txt");
    });

    test("no Redis, bot, Gitea or network, by socket or by port", { timeout: LIMIT_MS }, async () => {
      await using reach = await openHostileReach();
      const gitea = new URL(work.bench.server.cloneUrl).host;
      const outside = (await reach.knockOutside(gitea)).trim().split("\n");
      expect(outside).toEqual([...reach.targets, gitea].map((target) => `${target} reached`));

      const endpoints = { test: { api: "anthropic" as const, url: "http://127.0.0.1:9", key: "sk-0123456789" } };
      const deps = { ...work.bench.deps, config: { ...work.bench.config, endpoints } };
      const words = reach.knocking(gitea).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
      const { log } = await work.attack(
        `${words.join(" ")} \${ANTHROPIC_BASE_URL#http://}`,
        { endpoint: "test" },
        deps,
      );
      const knocks = log.split("\n").filter((line) => /^\S+ (?:reached|silent|E[A-Z]+)$/.test(line));
      expect(knocks).toHaveLength(outside.length + 1);
      expect(knocks.filter((line) => line.endsWith(" reached"))).toEqual([
        expect.stringMatching(/^(?:127\.0\.0\.1|localhost):\d+ reached$/),
      ]);
      expect(knocks.at(-1)).toMatch(/ reached$/);
    });

    test("no token in environments, arguments, files or /proc, though it has the job user's number", {
      timeout: LIMIT_MS,
    }, async () => {
      const { token } = work.bench.server;
      const isRoot = process.getuid?.() === 0;
      const ids = isRoot ? { uid: 64_200, gid: 64_200 } : {};
      const holder = spawn("sleep", ["600"], { env: { PATH: "/usr/bin:/bin", TOKEN: token }, ...ids, argv0: token });
      const look = (pids: string) =>
        `for p in ${pids}; do tr '\\0' '\\n' < $p/environ; tr '\\0' '\\n' < $p/cmdline; ls -l $p/fd $p/cwd $p/root; done 2>/dev/null`;
      const outside = execFileSync("sh", ["-c", look(`/proc/${holder.pid}`)]).toString();
      const { log } = await work.attack(`
      ${look("/proc/[0-9]*")}; cat /proc/self/mountinfo /proc/keys /proc/kcore /proc/1/mem 2>/dev/null | head -c 1000000
      echo ${token.slice(0, -1)}'!' > near.txt; ${searching(token.slice(0, -1))}; git config --list; set
    `);
      holder.kill();
      expect(outside).toContain(`TOKEN=${token}\n`);
      expect(log).toMatch(/^STEWARD_TASK=/m);
      expect(log.match(/^IN .*$/gm)).toEqual(["IN /checkout/near.txt"]);
      expect(log).not.toContain(token);
    });
  });
});
