/** What agents do that mean harm, through the real runner: nothing outside is read, changed or reached, and other jobs go on. */
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createGateExecutor } from "../../runners/jobs/gate-job.ts";
import type { JobDeps } from "../../runners/jobs/job-deps.ts";
import { createSessionExecutor } from "../../runners/jobs/session-job.ts";
import { createOutputLog } from "../../runners/output.ts";
import { openGroupHierarchy } from "../../runners/sandbox/cgroup-limits.ts";
import type { Sha } from "../../src/domain/ids.ts";
import { openHostileReach } from "../support/hostile-reach.ts";
import { gateJob, type JobBench, openJobBench, sessionJob } from "../support/job-bench.ts";
import { isAnywhere, uniqueSeconds } from "../support/sandbox-bench.ts";

const MEBIBYTE = 1024 * 1024;
const LIMIT_MS = 60_000;

let bench: JobBench;
let main: Sha;
let branches = 0;
/** Open to everybody on the host: who runs there what was planted leaves a file. */
let canary: string;

beforeAll(async () => {
  bench = await openJobBench({ "README.md": "hello\n", "src/a.js": "one\n", "test/a.test.js": "two\n" });
  main = bench.server.head("main") as Sha;
});

beforeEach(({ onTestFinished }) => {
  canary = mkdtempSync(join(tmpdir(), "steward-canary-"));
  chmodSync(canary, 0o777);
  onTestFinished(() => rmSync(canary, { recursive: true }));
});

afterAll(() => bench[Symbol.asyncDispose]());

type Options = Partial<Parameters<typeof sessionJob>[1]>;

function prepare(command: string, options: Options = {}, deps: JobDeps = bench.deps) {
  branches += 1;
  const job = sessionJob(bench, { base: main, branch: `steward/issue-${branches}-x`, command, ...options });
  return { ...bench.contextOf(job), job, deps };
}

/** Runs a session, and as long as it takes another task's gates: these must pass. */
async function besides({ context, deps, job, log }: ReturnType<typeof prepare>) {
  let isOver = false;
  const session = createSessionExecutor(deps)(context).finally(() => {
    isOver = true;
  });
  const others = async () => {
    do {
      const { result } = await gate(main, ["cat README.md; echo x > y"]);
      expect(result).toMatchObject({ outcome: "passed", summary: "passed" });
    } while (!isOver);
  };
  const [result] = await Promise.all([session, others()]);
  return { result, job, log: log(), head: bench.server.head(job.branch) };
}

function attack(command: string, options?: Options, deps?: JobDeps) {
  return besides(prepare(command, options, deps));
}

async function gate(sha: Sha, steps: readonly string[]) {
  const context = bench.contextOf(gateJob(bench, { sha, base: main, fresh: true }, { steps: [...steps] }));
  const { result } = await createGateExecutor(bench.deps)(context.context);
  return { result, log: context.log() };
}

function limited(limits: Partial<JobDeps["config"]["limits"]>): JobDeps {
  return { ...bench.deps, config: { ...bench.config, limits: { ...bench.config.limits, ...limits } } };
}

describe("an agent that is out of bounds is stopped at its limit, beside another task's gates:", () => {
  test("it prints 100 MB in one line", { timeout: LIMIT_MS }, async () => {
    const seen: string[] = [];
    const running = prepare("head -c 100000000 /dev/zero | tr '\\0' x; echo later > later.txt");
    const output = createOutputLog({ secrets: ["secret"], limitBytes: MEBIBYTE, sink: (text) => seen.push(text) });
    const before = process.memoryUsage.rss();
    const { result, head } = await besides({ ...running, context: { ...running.context, log: output.write } });
    output.end();
    expect(result).toMatchObject({ outcome: "stopped", summary: "printed more than 4 MiB", changed: false });
    expect(head).toBeUndefined();
    expect(seen.join("").length).toBeLessThan(2 * MEBIBYTE);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100 * MEBIBYTE);
    expect((await attack("head -c 1000000 /dev/zero | tr '\\0' x; echo done > done.txt")).result).toMatchObject({
      outcome: "claimed",
      changed: true,
    });
  });

  test("it forks without end", { timeout: LIMIT_MS }, async () => {
    const seconds = uniqueSeconds();
    const bomb = `echo begun > begun.txt; f() { sleep ${seconds} & f | f; }; f`;
    const { result } = await attack(`${bomb}; sleep ${seconds}`, { turnMinutes: 0.04 });
    expect(result.outcome).toMatch(/^(?:limit|stopped)$/);
    expect(result.changed).toBe(true);
    expect(isAnywhere(seconds)).toBe(false);
  });

  test("it fills its disk", { timeout: LIMIT_MS }, async () => {
    const { log } = await attack("echo kept > kept.txt; head -c 900M /dev/zero > big; df --output=avail . | tail -n1");
    expect(log).toContain("No space left on device");
    expect(log).toMatch(/^ *0$/m);
  });

  test("it fills its disk with empty files", { timeout: LIMIT_MS }, async () => {
    const fill = "i=0; while true 2>/dev/null > f$i; do i=$((i+1)); done; echo full after $i; rm -f f*; echo x > x.txt";
    const { log, result } = await attack(fill, {}, limited({ diskBytes: 8 * MEBIBYTE }));
    expect(Number(/full after (\d+)/.exec(log)?.[1])).toBeLessThan(20_000);
    expect(result).toMatchObject({ outcome: "claimed", changed: true });
  });

  test("it does not hear SIGTERM at its deadline", { timeout: LIMIT_MS }, async () => {
    const seconds = uniqueSeconds();
    const deaf = `echo half > half.txt; trap '' TERM INT HUP; while :; do sleep ${seconds}; done`;
    const { result } = await attack(deaf, { turnMinutes: 0.02 });
    expect(result).toMatchObject({ outcome: "limit", changed: true });
    expect(isAnywhere(seconds)).toBe(false);
  });

  test("it leaves processes in the background", { timeout: LIMIT_MS }, async () => {
    const seconds = uniqueSeconds();
    const leave = `setsid sleep ${seconds} & (trap '' TERM; nohup sleep ${seconds}) & (sleep ${seconds} &) & echo x > x.txt`;
    const asOwnArgument = `${seconds.slice(0, -1)}[${seconds.slice(-1)}]`;
    const count = `grep -lszx '${asOwnArgument}' /proc/[0-9]*/cmdline | wc -l`;
    const { result, log } = await attack(`${leave}; until [ $(${count}) -ge 3 ]; do :; done; echo left $(${count})`);
    expect(log).toContain("left 3\n");
    expect(result).toMatchObject({ outcome: "claimed", changed: true });
    expect(isAnywhere(seconds)).toBe(false);
  });

  if (openGroupHierarchy()) {
    test("it fills its memory", { timeout: LIMIT_MS }, async () => {
      const deps = limited({ memoryBytes: 64 * MEBIBYTE });
      const { result } = await attack("echo half > half.txt; head -c 2G /dev/zero | tail", {}, deps);
      expect(result).toMatchObject({
        outcome: "stopped",
        summary: "ran out of memory (limit 64 MiB)",
        changed: true,
      });
    });
  }
});

/** Asks git, in every way that a work tree has, to run a program that leaves a file at the canary. */
function planting(where: string): string {
  const leave = (name: string) => `touch ${where}/${name}`;
  return `
    mkdir -p hooks
    for hook in pre-commit post-commit post-checkout post-index-change reference-transaction pre-push; do
      printf '#!/bin/sh\\n${leave("hook")}\\n' > hooks/$hook; chmod +x hooks/$hook; cp hooks/$hook .git/hooks/$hook 2>/dev/null
    done
    git config core.hooksPath "$PWD/hooks"
    git config core.fsmonitor '${leave("fsmonitor")}; false'
    git config core.sshCommand '${leave("ssh")}'
    git config credential.helper '!${leave("credential")}'
    git config filter.evil.clean '${leave("clean")}; cat'
    git config filter.evil.smudge '${leave("smudge")}; cat'
    git config diff.evil.textconv '${leave("textconv")}; cat'
    echo '* filter=evil diff=evil' > .gitattributes
    printf '[submodule "sub"]\\n\\tpath = sub\\n\\turl = ext::sh -c "${leave("submodule")}"\\n' > .gitmodules
    git -c core.fsmonitor= -c core.hooksPath=/nonexistent update-index --add --cacheinfo 160000,$(git rev-parse HEAD),sub
    echo filtered > filtered.txt
    ln -s /etc/passwd passwd; ln -s /etc etc; ln -s ${where} out
  `;
}

describe("what an agent plants", () => {
  test("for git runs nowhere outside, neither now nor at the next session, gate or push", {
    timeout: LIMIT_MS,
  }, async () => {
    const scratch = mkdtempSync(join(tmpdir(), "steward-control-"));
    const commit = "git add -A && git -c user.name=a -c user.email=a commit -qm x";
    const begin = `git init -q . && git -c user.name=a -c user.email=a commit -qm start --allow-empty`;
    execFileSync("sh", ["-c", `${begin}\n${planting(canary)}\n${commit}`], { cwd: scratch, stdio: "ignore" });
    rmSync(scratch, { recursive: true });
    expect(readdirSync(canary)).toEqual(expect.arrayContaining(["clean", "fsmonitor", "hook"]));
    for (const file of readdirSync(canary)) rmSync(join(canary, file));

    const { result, job, head } = await attack(planting(canary));
    expect(result).toMatchObject({ outcome: "claimed", changed: true });
    const tree = bench.server.git("ls-tree", "-r", String(head)).split("\n");
    expect(tree.filter((entry) => entry.startsWith("160000"))).toEqual([]);
    expect(tree.filter((entry) => entry.startsWith("120000")).map((entry) => entry.split("\t")[1])).toEqual([
      ...["etc", "out", "passwd"],
    ]);
    const look = "cat passwd; ls etc/shadow || echo no shadow; ls out/ || echo no way out; cat filtered.txt";
    const next = await attack(`${look}; git status --short; echo more > more.txt`, {
      branch: job.branch,
      ...(head ? { branchHead: head } : {}),
    });
    expect(next.result).toMatchObject({ outcome: "claimed", changed: true });
    const { log } = await gate(next.head ?? main, [look]);
    for (const seen of [next.log, log]) {
      expect(seen).toContain("job:x:1000");
      expect(seen).not.toContain(readFileSync("/etc/passwd", "utf8").split("\n")[0]);
      expect(seen).toContain("no shadow\n");
      expect(seen).toContain("no way out\n");
      expect(seen).toContain("filtered\n");
    }
    expect(readdirSync(canary)).toEqual([]);
  });

  test("as a link in the place of a folder leads no later checkout out of its own", { timeout: LIMIT_MS }, async () => {
    const linked = await attack(`rm -rf src; ln -s ${canary} src`);
    const filled = bench.server.commit("steward/refilled", { src: undefined, "src/a.js": "new\n" }, linked.head);
    for (const sha of [linked.head, filled, main, linked.head, filled]) {
      await gate(sha ?? main, ["ls src/ || true"]);
    }
    const { log } = await gate(filled, ["cat src/a.js"]);
    expect(log).toContain("new\n");
    expect(readdirSync(canary)).toEqual([]);
  });
});

/** Finds the text in every file that can be read; the pattern is written so that it does not match itself. */
function searching(text: string): string {
  const pattern = `${text.slice(0, -1)}[${text.slice(-1)}]`;
  return `for f in $(/usr/bin/grep -rslD skip --exclude-dir=proc --exclude-dir=sys --exclude-dir=usr --exclude-dir=node_modules '${pattern}' /); do echo "IN $f"; done`;
}

describe("an agent finds nothing of others:", () => {
  test("not the work of another task, and no way to write to it or to the mirror", { timeout: LIMIT_MS }, async () => {
    const other = prepare("echo work-of-another > theirs.txt; echo begun; sleep 60");
    const ended = createSessionExecutor(other.deps)(other.context);
    await other.logged("begun\n");
    const objects = "$(cat .git/objects/info/alternates)";
    const { log } = await attack(`
      echo work-of-mine > mine.txt; ls ${objects} > /dev/null && echo reads the mirror
      ${searching("work-of-mine")}; ${searching("work-of-another")}
      for place in ${objects} ${objects}/.. ${objects}/../hooks ${bench.config.folder} /mnt /srv /opt /home /var/tmp /run; do
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
    const kept = readdirSync(bench.config.folder, { recursive: true, encoding: "utf8" });
    expect([...outside, ...kept].filter((name) => basename(name) === "planted")).toEqual([]);
    other.stop("shutdown");
    await expect(ended).rejects.toMatchObject({ code: "RUN_FENCED" });
    const theirs = bench.server.git("diff", "--name-only", main, String(bench.server.head(other.job.branch)));
    expect(theirs).toBe("theirs.txt");
  });

  test("no Redis, bot, Gitea or network, by socket or by port", { timeout: LIMIT_MS }, async () => {
    await using reach = await openHostileReach();
    const gitea = new URL(bench.server.cloneUrl).host;
    const outside = (await reach.knockOutside(gitea)).trim().split("\n");
    expect(outside).toEqual([...reach.targets, gitea].map((target) => `${target} reached`));

    const endpoints = { test: { api: "anthropic" as const, url: "http://127.0.0.1:9", key: "sk-0123456789" } };
    const deps = { ...bench.deps, config: { ...bench.config, endpoints } };
    const words = reach.knocking(gitea).map((word) => `'${word.replaceAll("'", "'\\''")}'`);
    const { log } = await attack(`${words.join(" ")} \${ANTHROPIC_BASE_URL#http://}`, { endpoint: "test" }, deps);
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
    const { token } = bench.server;
    const isRoot = process.getuid?.() === 0;
    const ids = isRoot ? { uid: 64_200, gid: 64_200 } : {};
    const holder = spawn("sleep", ["600"], { env: { PATH: "/usr/bin:/bin", TOKEN: token }, ...ids, argv0: token });
    const look = (pids: string) =>
      `for p in ${pids}; do tr '\\0' '\\n' < $p/environ; tr '\\0' '\\n' < $p/cmdline; ls -l $p/fd $p/cwd $p/root; done 2>/dev/null`;
    const outside = execFileSync("sh", ["-c", look(`/proc/${holder.pid}`)]).toString();
    const { log } = await attack(`
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
