/** Hostile work through the real executors, on every driver that isolates, beside another task's gates. */
import { dirname } from "node:path";
import { expect } from "vitest";
import { createGateExecutor } from "../../runners/jobs/gate-job.ts";
import type { JobDeps } from "../../runners/jobs/job-deps.ts";
import { createSessionExecutor } from "../../runners/jobs/session-job.ts";
import { createBubblewrapSandbox } from "../../runners/sandbox/bubblewrap-sandbox.ts";
import type { SandboxDriver } from "../../runners/sandbox/sandbox.ts";
import { Sha } from "../../src/domain/ids.ts";
import type { SessionResult } from "../../src/protocol/jobs.ts";
import { gateJob, type JobBench, openJobBench, sessionJob, type TestContext } from "./job-bench.ts";

/** Where drivers look for toolchains in tests. */
export const SEARCH = { path: `${dirname(process.execPath)}:/usr/bin:/bin`, home: "/nonexistent" };

/** Every driver that isolates. */
export const ISOLATING_DRIVERS: readonly { readonly name: string; readonly create: () => Promise<SandboxDriver> }[] = [
  { name: "bubblewrap", create: () => createBubblewrapSandbox({ tools: [] }, SEARCH) },
];

type Options = Partial<Parameters<typeof sessionJob>[1]>;
type GateOptions = Partial<Parameters<typeof gateJob>[1]>;
type SessionJob = ReturnType<typeof sessionJob>;

/** A session that has not begun. */
export interface Prepared extends TestContext<SessionJob> {
  readonly job: SessionJob;
  readonly deps: JobDeps;
}

/** How an attack ended. */
export interface Attacked {
  readonly result: SessionResult;
  readonly job: SessionJob;
  readonly log: string;
  readonly head: Sha | undefined;
}

/** A bench with ways to attack it. */
export interface HostileWork extends AsyncDisposable {
  readonly bench: JobBench;
  readonly main: Sha;
  prepare(command: string, options?: Options, deps?: JobDeps): Prepared;
  /** Runs a session, and as long as it takes another task's gates: these must pass. */
  besides(prepared: Prepared): Promise<Attacked>;
  attack(command: string, options?: Options, deps?: JobDeps): Promise<Attacked>;
  /** The log and the result of a gate with these steps. */
  gate(sha: Sha, steps: readonly string[], job?: GateOptions): ReturnType<typeof runGate>;
  /** The runner with other limits. */
  limited(limits: Partial<JobDeps["config"]["limits"]>): JobDeps;
}

async function runGate(
  { bench, main }: Pick<HostileWork, "bench" | "main">,
  sha: Sha,
  steps: readonly string[],
  job: GateOptions = {},
) {
  const context = bench.contextOf(gateJob(bench, { sha, base: main, fresh: true, ...job }, { steps: [...steps] }));
  const { result } = await createGateExecutor(bench.deps)(context.context);
  return { result, log: context.log() };
}

/** Opens it on a driver. */
export async function openHostileWork(create: () => Promise<SandboxDriver>): Promise<HostileWork> {
  const files = { "README.md": "hello\n", "src/a.js": "one\n", "test/a.test.js": 'test("two", () => check());\n' };
  const bench = await openJobBench(files, create);
  const main = Sha.parse(bench.server.head("main"));
  const gate: HostileWork["gate"] = (sha, steps, job) => runGate({ bench, main }, sha, steps, job);
  let branches = 0;

  const prepare: HostileWork["prepare"] = (command, options = {}, deps = bench.deps) => {
    branches += 1;
    const job = sessionJob(bench, { base: main, branch: `steward/issue-${branches}-x`, command, ...options });
    return { ...bench.contextOf(job), job, deps };
  };

  async function besides({ context, deps, job, log }: Prepared): Promise<Attacked> {
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

  return {
    ...{ bench, main, gate, prepare, besides },
    attack: (command, options, deps) => besides(prepare(command, options, deps)),
    limited: (limits) => ({
      ...bench.deps,
      config: { ...bench.config, limits: { ...bench.config.limits, ...limits } },
    }),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}
