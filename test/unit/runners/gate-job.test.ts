/** Gate jobs, from a commit on a real git server to a result, in real sandboxes. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGateExecutor } from "../../../runners/jobs/gate-job.ts";
import type { Sha } from "../../../src/domain/ids.ts";
import type { GateResult } from "../../../src/domain/verdict.ts";
import type { Files } from "../../support/git-server.ts";
import { gateJob, type JobBench, openJobBench } from "../../support/job-bench.ts";

let bench: JobBench;
let main: Sha;

beforeAll(async () => {
  bench = await openJobBench({
    "src/a.js": "one\ntwo\nthree\n",
    "lock.txt": "v1\n",
    ".gitignore": "modules/\ncoverage/\n",
  });
  main = bench.server.head("main") as Sha;
});

afterAll(() => bench[Symbol.asyncDispose]());

type JobOptions = Parameters<typeof gateJob>[1];

async function run(gate: Parameters<typeof gateJob>[2], job: Partial<JobOptions> = {}, deps = bench.deps) {
  const context = bench.contextOf(gateJob(bench, { sha: main, base: main, fresh: true, ...job }, gate));
  const { result } = await createGateExecutor(deps)(context.context);
  return { result, log: context.log() };
}

function branch(name: string, files: Files): Sha {
  return bench.server.commit(name, files, main);
}

describe("a gate", () => {
  test("passes when all its steps do, each in a shell of its own in the checkout", async () => {
    const { result, log } = await run({
      steps: ["cd src; cat a.js", "pwd; ls; echo $CI $COLOUR"],
      env: { COLOUR: "blue" },
    });
    expect(result).toMatchObject({
      gate: "test",
      outcome: "passed",
      summary: "passed",
      reused: false,
      findings: [],
      excerpt: "",
    });
    expect(log).toBe(
      "$ cd src; cat a.js\none\ntwo\nthree\n$ pwd; ls; echo $CI $COLOUR\n/checkout\nlock.txt\nsrc\ntrue blue\n",
    );
  });

  test("fails at the first failing step, names its command and shows why", async () => {
    const steps = ["echo fine", "echo 'src/a.ts(3,7): error TS2322: no'; false; echo after", "echo never"];
    const { result, log } = await run({ steps });
    expect(result).toMatchObject({
      ...{ outcome: "failed", summary: "exit code 1", command: steps[1] },
      findings: [{ file: "src/a.ts", line: 3, message: expect.stringContaining("no") }],
      excerpt: expect.stringContaining("TS2322"),
    });
    expect(log).not.toMatch(/never\n$|after\n$/);
  });

  test("says how many tests passed or failed, where the log does", async () => {
    expect((await run({ steps: ["echo '# pass 214'; echo '# fail 0'"] })).result.summary).toBe("214 passed");
    const failing = await run({ steps: ["echo '# pass 211'; echo '# fail 3'; exit 1"] });
    expect(failing.result).toMatchObject({ outcome: "failed", summary: "3 failed, 211 passed" });
  });

  test("fails when it takes too long, prints too much, or is killed", async () => {
    const slow = await run({ steps: ["echo begun; sleep 30"], timeoutMinutes: 0.005 });
    expect(slow.result).toMatchObject({ outcome: "failed", summary: expect.stringMatching(/^took longer than/) });
    const loud = await run({ steps: ["yes"] });
    expect(loud.result).toMatchObject({ outcome: "failed", summary: "printed more than 4 MiB" });
    const signalled = await run({ steps: ["kill -9 $$"] });
    expect(signalled.result).toMatchObject({ outcome: "failed", summary: "killed by SIGKILL" });
  });

  test("does not tell a failure of ours as one of the work", async () => {
    const { result } = await run({}, { sha: "2".repeat(40) as Sha });
    expect(result).toMatchObject({ outcome: "error", findings: [], excerpt: "" });
    expect(result.summary).not.toContain(bench.server.token);
  });

  test("that found its disk full is a failure of ours", async () => {
    const { result } = await run({ steps: ["head -c 100M /dev/zero > big"] });
    expect(result).toMatchObject({ outcome: "error", summary: expect.stringContaining("disk was full") });
  });

  test("has a view of its own: what another gate did is not there", async () => {
    const steps = ["test ! -e made && test -e src/a.js", "rm -rf src; touch made"];
    const results = await Promise.all([run({ steps }), run({ steps }), run({ steps })]);
    expect(results.map(({ result }) => result.outcome)).toEqual(["passed", "passed", "passed"]);
    expect((await run({ steps })).result.outcome).toBe("passed");
  });

  test("stops when its run is cancelled, and reports nothing", async () => {
    const job = gateJob(bench, { sha: main, base: main, fresh: true }, { steps: ["echo begun; sleep 600"] });
    const running = bench.contextOf(job);
    const ended = createGateExecutor(bench.deps)(running.context);
    await running.logged("begun\n");
    running.stop("cancelled");
    await expect(ended).rejects.toMatchObject({ code: "RUN_FENCED" });
  });
});

describe("a kept result", () => {
  const counted = { name: "counted", steps: ["echo ran-once"] };

  test("is used for the same tree, and names the run whose log shows it", async () => {
    const first = await run(counted, { fresh: false });
    const second = await run(counted, { fresh: false });
    expect(second.result).toEqual({ ...first.result, reused: true });
    expect(second.log).not.toContain("ran-once");
  });

  test("is not used for another tree, definition, or when asked for a fresh one", async () => {
    await run(counted, { fresh: false });
    const other = branch("other-tree", { "src/a.js": "changed\n" });
    const ran = await Promise.all([
      run(counted, { fresh: false, sha: other }),
      run({ ...counted, env: { A: "b" } }, { fresh: false }),
      run({ ...counted, timeoutMinutes: 2 }, { fresh: false }),
      run(counted, { fresh: true }),
    ]);
    expect(ran.map(({ result, log }) => [result.reused, log.includes("ran-once")])).toEqual(
      ran.map(() => [false, true]),
    );
  });

  test("is never an error of ours", async () => {
    const before = bench.kept.size;
    await run({ name: "broken" }, { fresh: false, sha: "3".repeat(40) as Sha });
    expect(bench.kept.size).toBe(before);
  });
});

describe("set-up", () => {
  const setup = {
    run: "mkdir modules && cp lock.txt modules/lock && date +%N > modules/when",
    cache: ["lock.txt"],
    timeoutMinutes: 1,
  };
  const steps = ["cat modules/lock modules/when src/a.js"];

  test("runs once for all commits with the same lock file, and lies below their files", async () => {
    const changed = branch("same-lock", { "src/a.js": "branch\n" });
    const both = ["cat src/a.js modules/lock modules/when"];
    const [one, two] = await Promise.all([
      run({ steps: both }, { setup }),
      run({ steps: both }, { setup, sha: changed }),
    ]);
    const printed = (log: string) => log.split(`$ ${both[0]}\n`)[1]?.split("\n");
    const when = printed(one.log)?.at(-2);
    expect(when).toMatch(/^\d+$/);
    expect(printed(one.log)).toEqual(["one", "two", "three", "v1", when, ""]);
    expect(printed(two.log)).toEqual(["branch", "v1", when, ""]);
  });

  test("never hides a file of the commit behind what it changed itself", async () => {
    const rewriting = { ...setup, run: `${setup.run}; echo rewritten > src/a.js; rm -r .gitignore` };
    const changed = branch("rewritten", { "src/a.js": "mine\n" });
    const { log, result } = await run(
      { steps: ["cat src/a.js .gitignore modules/lock"] },
      { setup: rewriting, sha: changed },
    );
    expect(result.outcome).toBe("passed");
    expect(log).toContain("\nmine\nmodules/\ncoverage/\nv1\n");
  });

  test("of a branch that changed the lock file serves that task alone", async () => {
    const changed = branch("new-lock", { "lock.txt": "v2\n" });
    const counting = { ...setup, run: `echo setting-up; ${setup.run}` };
    const first = await run({ steps }, { setup: counting, sha: changed });
    const again = await run({ steps }, { setup: counting, sha: changed });
    const { context, log } = bench.contextOf({
      ...gateJob(bench, { sha: changed, base: main, fresh: true, setup: counting }, { steps }),
      task: "acme/widgets#43" as never,
    });
    await createGateExecutor(bench.deps)(context);
    expect([first.log, again.log, log()].map((text) => text.includes("setting-up\n"))).toEqual([true, false, true]);
    expect(first.log).toContain("v2\n");
  });

  test("that fails on the base's own files is an error of ours, on changed files the gate's failure", async () => {
    const failing = { ...setup, run: "grep -q good lock.txt" };
    expect((await run({}, { setup: failing })).result).toMatchObject({
      outcome: "error",
      summary: expect.stringContaining("set-up failed"),
    });
    const bad = branch("bad-lock", { "lock.txt": "bad\n" });
    const { result } = await run(
      {},
      { setup: { ...failing, run: "echo 'lock.txt:1:1: error: bad'; exit 3" }, sha: bad },
    );
    expect(result).toMatchObject({
      outcome: "failed",
      summary: "set-up failed: exit code 3",
      excerpt: expect.stringContaining("bad"),
    });
  });

  test("reaches no host that is not on the list, and the result says which it asked for", async () => {
    const get =
      "fetch('https://registry.example:443/').then(() => console.log('reached'), () => console.log('refused'))";
    const asking = { run: `node -e "${get}"; mkdir modules`, cache: [], timeoutMinutes: 1 };
    const { result, log } = await run({}, { setup: asking });
    expect(log).toContain("refused\n");
    expect(result).toMatchObject({ outcome: "passed", refusedHosts: ["registry.example:443"] });
  });

  test("is made by another job when the one that was making it is stopped", async () => {
    const slow = { ...setup, run: `echo working; test -e /nowhere || sleep 1; ${setup.run}` };
    const stopped = bench.contextOf(gateJob(bench, { sha: main, base: main, fresh: true, setup: slow }, { steps }));
    const waiting = bench.contextOf(gateJob(bench, { sha: main, base: main, fresh: true, setup: slow }, { steps }));
    const first = createGateExecutor(bench.deps)(stopped.context);
    await stopped.logged("working\n");
    const second = createGateExecutor(bench.deps)(waiting.context);
    stopped.stop("cancelled");
    await expect(first).rejects.toMatchObject({ code: "RUN_FENCED" });
    expect((await second).result.outcome).toBe("passed");
  });
});

describe("a coverage gate", () => {
  const report = "coverage/lcov.info";
  const lcov = (file: string, hits: readonly number[]) =>
    `mkdir -p coverage; printf 'SF:${file}\\n${hits.map((hit, index) => `DA:${index + 1},${hit}\\n`).join("")}end_of_record\\n' > ${report}`;

  async function measured(
    steps: string[],
    rule: { minimum?: number; changedLines?: number },
    sha = main,
  ): Promise<GateResult> {
    return (await run({ steps, coverage: { report, ...rule } }, { sha })).result;
  }

  test("passes with the figure when it is high enough", async () => {
    expect(await measured([lcov("src/a.js", [1, 1, 0])], { minimum: 66 })).toMatchObject({
      ...{ outcome: "passed", summary: "coverage 66.6 %" },
      coverage: { percent: expect.closeTo(66.67, 1), uncoveredChanged: [] },
    });
  });

  test("fails with both figures when it is too low", async () => {
    expect(await measured([lcov("src/a.js", [1, 1, 0])], { minimum: 66.7 })).toMatchObject({
      ...{ outcome: "failed", summary: "coverage 66.6 %, needs 66.7 %" },
    });
  });

  test("names the changed lines that no test ran, wherever the report's paths begin", async () => {
    const changed = branch("uncovered", { "src/a.js": "one\n2\n3\nfour\n" });
    const result = await measured([lcov("/checkout/src/a.js", [1, 1, 0, 0])], { changedLines: 90 }, changed);
    expect(result).toMatchObject({
      ...{ outcome: "failed", summary: "coverage of changed lines 33.3 %, needs 90 %" },
      coverage: { uncoveredChanged: [{ file: "src/a.js", lines: [3, 4] }] },
    });
  });

  test("fails when there is no report, or it is a link out of the sandbox, or something endless", async () => {
    const none = { outcome: "failed", summary: `no coverage report at ${report}` };
    expect(await measured(["true"], { minimum: 1 })).toMatchObject(none);
    for (const target of ["/etc/passwd", `${bench.config.folder}/askpass.sh`, "/dev/zero"]) {
      expect(await measured([`mkdir coverage; ln -s ${target} ${report}`], { minimum: 1 })).toMatchObject(none);
    }
  });
});
