/** Inspection jobs on a real git server. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createInspectionExecutor } from "../../../runners/jobs/inspection-job.ts";
import { Sha } from "../../../src/domain/ids.ts";
import { inspectionJob, type JobBench, openJobBench } from "../../support/job-bench.ts";

let bench: JobBench;
let main: Sha;

beforeAll(async () => {
  bench = await openJobBench({
    "package.json": '{ "scripts": { "test": "vitest run" }, "dependencies": { "a": "1.0.0" } }\n',
    "src/sum.test.ts": 'test("adds", f);\ntest("subtracts", f);\n',
    "src/old.test.ts": 'test("old", f);\n',
  });
  main = bench.server.head("main") as Sha;
});

afterAll(() => bench[Symbol.asyncDispose]());

async function inspect(sha: Sha, base = main) {
  return (await inspectLogged(sha, base)).result;
}

async function inspectLogged(sha: Sha, base = main) {
  const { context, log } = bench.contextOf(inspectionJob(bench, { sha, base }));
  return { result: await createInspectionExecutor(bench.deps)(context), log: log() };
}

test("a branch that adds code, tests and dependencies has nothing to look at", async () => {
  const sha = bench.server.commit("fine", {
    "src/new.ts": "code\n",
    "src/new.test.ts": 'test("new", f);\n',
    "package.json": '{ "scripts": { "test": "vitest run" }, "dependencies": { "a": "1.0.0", "b": "2.0.0" } }\n',
  });
  expect(await inspect(sha)).toEqual({ kind: "inspection", outcome: "inspected", summary: "", integrity: [] });
});

test("a branch that makes its own gates easier is shown as what it is", async () => {
  const changes = {
    "package.json": '{ "scripts": { "test": "true" } }\n',
    "src/sum.test.ts": 'test.skip("adds", f);\ntest("subtracts", f);\n',
    "src/old.test.ts": undefined,
    ".gitea/steward.yml": "gates: {}\n",
  };
  const sha = bench.server.commit("easier", changes, main);
  const { outcome, integrity } = await inspect(sha);
  expect(outcome).toBe("inspected");
  expect(integrity).toEqual(
    expect.arrayContaining([
      { kind: "gate-input", file: ".gitea/steward.yml", detail: "the file was added" },
      { kind: "gate-input", file: "package.json", detail: 'scripts.test: "vitest run" became "true"' },
      { kind: "test-deleted", file: "src/old.test.ts", detail: "the file is gone" },
      { kind: "test-skipped", file: "src/sum.test.ts", detail: 'test.skip("adds", f);' },
    ]),
  );
});

test("what the base changed meanwhile is not the branch's", async () => {
  const sha = bench.server.commit("behind", { "src/code.ts": "code\n" }, main);
  const moved = bench.server.commit("moved", { "package.json": '{ "scripts": { "test": "other" } }\n' }, main);
  expect((await inspect(sha, moved)).integrity).toEqual([]);
});

test("a branch that cannot be inspected is a failure of ours", async () => {
  expect(await inspect("5".repeat(40) as Sha)).toMatchObject({ outcome: "error", integrity: [] });
});

test("why a branch could not be inspected stands in the run's log and in its result", async () => {
  const lonely = Sha.parse(bench.server.git("commit-tree", `${main}^{tree}`, "-m", "Begin anew"));
  bench.server.git("update-ref", "refs/heads/lonely", lonely);
  const { result, log } = await inspectLogged(lonely);
  expect(result).toMatchObject({ outcome: "error", summary: "the branch has no commit in common with its base" });
  expect(log).toBe(`${result.summary}\n`);
  const absent = await inspectLogged("5".repeat(40) as Sha);
  expect(absent.log).toBe(`${absent.result.summary}\n`);
});
