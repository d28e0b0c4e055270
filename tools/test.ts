/**
 * `npm test`: the checks, every suite, line coverage, and what was proved. `npm run test:gitea` (`--gitea`): the suites that take a server, against a
 * real Gitea. Names of test files after `--` run only those, without checks and without the coverage limit.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { findGitea, obtainGitea } from "../test/support/gitea-program.ts";
import { measureCoverage, writeReports } from "./coverage.ts";

/** Lines of `src` and `runners` that the whole run must cover. */
const MINIMUM_LINES_PERCENT = 90;

/** Settings of an instance that the tests must not inherit from the shell. */
const INSTANCE_SETTINGS =
  /^(?:ANTHROPIC_|OPENAI_|STEWARD_(?!DEMAND_GITEA$)|GITEA_TOKEN|GITEA_WEBHOOK_SECRET|REDIS_URL|PUBLIC_URL|PORT$)/;

const FOLDER = resolve("coverage");
const DATA = `${FOLDER}/v8`;
const PROOFS = `${FOLDER}/proved.jsonl`;
const RESULTS = `${FOLDER}/vitest.json`;

const Results = z.object({ numPassedTests: z.number(), numFailedTests: z.number(), numPendingTests: z.number() });
const Proof = z.object({ kind: z.string(), name: z.string() });

const filters = process.argv.slice(2).filter((argument) => argument !== "--gitea");
const withGitea = process.argv.includes("--gitea");
const whole = !withGitea && filters.length === 0;

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(DATA, { recursive: true });
chmodSync(DATA, 0o1777); // Processes of other users write their coverage here, too.
const checked = !whole || (await runNode(["tools/check.ts"], process.env)) === 0;
const code = await runNode(["node_modules/vitest/vitest.mjs", "run", ...vitestArguments()], await testEnvironment());
const covered = withGitea || (await reportCoverage());
const passed = reportResults();
if (!checked) console.log("The checks failed: see the top of this output, or run `npm run check`.");
console.log(`${passed.numPassedTests} passed, ${passed.numFailedTests} failed`);
if (!checked || code !== 0 || !covered || passed.numFailedTests > 0 || passed.numPassedTests === 0)
  process.exitCode = 1;

function vitestArguments(): string[] {
  const suites = withGitea ? [".server.test.ts", ...filters] : filters;
  return [...suites, "--reporter=default", "--reporter=json", `--outputFile.json=${RESULTS}`];
}

async function testEnvironment(): Promise<NodeJS.ProcessEnv> {
  const inherited = Object.entries(process.env).filter(([name]) => !INSTANCE_SETTINGS.test(name));
  const ours = { STEWARD_PROOFS: PROOFS, ...(withGitea ? { STEWARD_SERVERS: "real" } : { NODE_V8_COVERAGE: DATA }) };
  return { ...Object.fromEntries(inherited), ...ours, ...(await giteaEnvironment()) };
}

async function giteaEnvironment(): Promise<NodeJS.ProcessEnv> {
  if (process.env.GITEA_URL && process.env.GITEA_ADMIN_TOKEN) return {};
  const demanded = withGitea || process.env.STEWARD_DEMAND_GITEA === "1";
  if (demanded && !findGitea()) console.log("Building a real Gitea; this takes some minutes, once.");
  const program = demanded ? await obtainGitea().catch(giveUp) : findGitea();
  if (!program) return {};
  return { GITEA_BIN: program.binary, GITEA_SRC: program.source };
}

function giveUp(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function reportCoverage(): Promise<boolean> {
  const map = await measureCoverage({ root: process.cwd(), folders: ["src", "runners"], dataFolder: DATA });
  writeReports(map, FOLDER);
  rmSync(DATA, { recursive: true });
  const { total, covered, pct } = map.getCoverageSummary().lines;
  const enough = !whole || pct >= MINIMUM_LINES_PERCENT;
  const verdict = enough ? "" : `, needs ${MINIMUM_LINES_PERCENT} %; the uncovered lines are in coverage/index.html`;
  console.log(`coverage: ${pct} % (${covered} of ${total} lines of src and runners${verdict})`);
  return enough;
}

function reportResults(): z.infer<typeof Results> {
  console.log(provedLine());
  if (!existsSync(RESULTS)) return { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0 };
  return Results.parse(JSON.parse(readFileSync(RESULTS, "utf8")));
}

function provedLine(): string {
  const lines = existsSync(PROOFS) ? readFileSync(PROOFS, "utf8").trimEnd().split("\n") : [];
  const kinds = new Map<string, Set<string>>();
  for (const line of lines) {
    const { kind, name } = Proof.parse(JSON.parse(line));
    kinds.set(kind, (kinds.get(kind) ?? new Set()).add(name));
  }
  if (!kinds.get("gitea")?.size || ![...(kinds.get("gitea") ?? [])].some((name) => name.startsWith("real"))) {
    kinds.set("gitea", (kinds.get("gitea") ?? new Set()).add("no real one (`npm run test:gitea` builds one)"));
  }
  const proofs = [...kinds].map(([kind, names]) => `${kind}: ${[...names].sort().join(", ")}`);
  return `proved: ${proofs.sort().join("; ")}`;
}

async function runNode(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...args], { env, stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
  const [status] = await once(child, "exit");
  return typeof status === "number" ? status : 1;
}
