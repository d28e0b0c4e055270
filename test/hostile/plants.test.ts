/** What an agent, or the repository itself, plants for git and for whoever reads its files leads nowhere outside. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createInspectionExecutor } from "../../runners/jobs/inspection-job.ts";
import { Sha } from "../../src/domain/ids.ts";
import { commitHostile, LINKS } from "../support/hostile-repository.ts";
import { type HostileWork, ISOLATING_DRIVERS, openHostileWork } from "../support/hostile-work.ts";
import { inspectionJob } from "../support/job-bench.ts";
import { PLANT, PLANTED, plantOutside } from "../support/plant-outside.ts";

const LIMIT_MS = 150_000;

/** Open to everybody on the host: who runs there what was planted leaves a file. */
let canary: string;

beforeEach(({ onTestFinished }) => {
  canary = mkdtempSync(join(tmpdir(), "steward-canary-"));
  chmodSync(canary, 0o777);
  onTestFinished(() => rmSync(canary, { recursive: true }));
});

function expectNothingOfTheHost(seen: string): void {
  expect(seen).toContain("job:x:1000");
  expect(seen).not.toContain(readFileSync("/etc/passwd", "utf8").split("\n")[0]);
}

describe.each(ISOLATING_DRIVERS)("in $name", ({ create }) => {
  let work: HostileWork;

  beforeAll(async () => {
    work = await openHostileWork(create);
  });

  afterAll(() => work[Symbol.asyncDispose]());

  describe("what an agent plants", () => {
    test("for git runs nowhere outside, neither now nor at the next session, gate or push", {
      timeout: LIMIT_MS,
    }, async () => {
      expect(plantOutside(canary)).toEqual(PLANTED);
      const { result, job, head } = await work.attack(`set -- ${canary}; ${readFileSync(PLANT, "utf8")}`);
      expect(result).toMatchObject({ outcome: "claimed", changed: true });
      const tree = work.bench.server.git("ls-tree", "-r", String(head)).split("\n");
      expect(tree.filter((entry) => entry.startsWith("160000"))).toEqual([]);
      expect(tree.filter((entry) => entry.startsWith("120000")).map((entry) => entry.split("\t")[1])).toEqual([
        ...["etc", "out", "passwd"],
      ]);
      const look = "cat passwd; ls etc/shadow || echo no shadow; ls out/ || echo no way out; cat filtered.txt";
      const next = await work.attack(`${look}; git status --short; echo more > more.txt`, {
        branch: job.branch,
        ...(head ? { branchHead: head } : {}),
      });
      expect(next.result).toMatchObject({ outcome: "claimed", changed: true });
      const { log } = await work.gate(next.head ?? work.main, [look]);
      for (const seen of [next.log, log]) {
        expect(seen).toContain("job:x:1000");
        expect(seen).not.toContain(readFileSync("/etc/passwd", "utf8").split("\n")[0]);
        expect(seen).toContain("no shadow\n");
        expect(seen).toContain("no way out\n");
        expect(seen).toContain("filtered\n");
      }
      expect(readdirSync(canary)).toEqual([]);
    });

    test("as a link in the place of a folder leads no later checkout out of its own", {
      timeout: LIMIT_MS,
    }, async () => {
      const linked = await work.attack(`rm -rf src; ln -s ${canary} src`);
      const filled = work.bench.server.commit("steward/refilled", { src: undefined, "src/a.js": "new\n" }, linked.head);
      for (const sha of [linked.head, filled, work.main, linked.head, filled]) {
        await work.gate(sha ?? work.main, ["ls src/ || true"]);
      }
      const { log } = await work.gate(filled, ["cat src/a.js"]);
      expect(log).toContain("new\n");
      expect(readdirSync(canary)).toEqual([]);
    });

    describe("for set-up, in a commit whose next one takes it back,", () => {
      /** Set-up runs what the commit says, as package managers do, and installs the check that the gate runs. */
      const setup = {
        run: "mkdir modules; echo 'grep -q good src/a.js' > modules/check; if [ -e postinstall ]; then sh postinstall; fi",
        cache: ["lock.txt"],
        timeoutMinutes: 1,
      };
      const plant = "echo v2 > lock.txt; echo 'echo true > modules/check' > postinstall; exit 1";

      async function poison() {
        const files = { "lock.txt": "v1\n", ".gitignore": "modules/\n" };
        const base = work.bench.server.commit("locked", files, work.main);
        const first = await work.attack(plant, { base, setup });
        expect(first.result).toMatchObject({ outcome: "stopped", changed: true });
        const branch = { branch: first.job.branch, ...(first.head ? { branchHead: first.head } : {}) };
        const second = await work.attack("cat modules/check; rm postinstall", { base, setup, ...branch });
        expect(second.result).toMatchObject({ outcome: "claimed", changed: true });
        const [planted = base, clean = base] = [first.head, second.head];
        const judge = async (sha: Sha, on: Sha) =>
          (await work.gate(sha, ["sh modules/check"], { base: on, setup })).result;
        // The control: where it is planted, it does what it is for.
        expect(second.log).toContain("\ntrue\n");
        expect(await judge(planted, base)).toMatchObject({ outcome: "passed" });
        return { base, planted, clean, judge };
      }

      test("makes no gate of that next commit green", { timeout: LIMIT_MS }, async () => {
        const { base, clean, judge } = await poison();
        expect(await judge(clean, base)).toMatchObject({ outcome: "failed", summary: "exit code 1" });
      });

      test("makes no gate of another branch green, also when both commits were merged", {
        timeout: LIMIT_MS,
      }, async () => {
        const { git, commit } = work.bench.server;
        const { base, planted, clean, judge } = await poison();
        const merged = Sha.parse(git("commit-tree", `${clean}^{tree}`, "-p", base, "-p", clean, "-m", "Merge"));
        git("update-ref", "refs/heads/merged", merged);
        const fromPlanted = commit("from-planted", { postinstall: undefined, "new.txt": "new\n" }, planted);
        const fromMerged = commit("from-merged", { "new.txt": "new\n" }, merged);
        for (const sha of [fromPlanted, fromMerged, merged]) {
          expect(await judge(sha, merged)).toMatchObject({ outcome: "failed", summary: "exit code 1" });
        }
        expect(await judge(base, base)).toMatchObject({ outcome: "failed", summary: "exit code 1" });
      });
    });

    test("in the place of what set-up installs is among what a person must look at", {
      timeout: LIMIT_MS,
    }, async () => {
      const { bench, main } = work;
      const install = (check: string) => `mkdir -p node_modules/check; echo '${check}' > node_modules/check/run`;
      const setup = { run: install("exit 1"), cache: [], timeoutMinutes: 1 };
      const { head = main } = await work.attack(install("true"));
      const outcomes = [main, head].map(
        async (sha) => (await work.gate(sha, ["sh node_modules/check/run"], { setup })).result,
      );
      expect(await Promise.all(outcomes)).toMatchObject([{ outcome: "failed" }, { outcome: "passed" }]);
      const { context } = bench.contextOf(inspectionJob(bench, { sha: head, base: main }));
      expect(await createInspectionExecutor(bench.deps)(context)).toMatchObject({
        outcome: "inspected",
        integrity: [{ kind: "gate-input", file: "node_modules" }],
      });
    });
  });

  describe("what the repository itself holds", () => {
    test("for git and for readers of its files does nothing outside, in a session, a gate or an inspection", {
      timeout: LIMIT_MS,
    }, async () => {
      const { bench, main } = work;
      const hostile = commitHostile(bench.server, main, canary);
      bench.server.git("update-ref", "refs/heads/hostile", hostile);
      expect(cloneOutside(bench.server.git("rev-parse", "--absolute-git-dir"), canary)).toEqual([
        "smudge",
        "submodule",
      ]);
      for (const file of readdirSync(canary)) rmSync(join(canary, file));

      const look = "cat passwd package.json; git submodule update --init; git diff; true";
      const session = await work.attack(`${look}; echo x > x.txt`, { base: hostile });
      expect(session.result).toMatchObject({ outcome: "claimed", changed: true });
      const gate = await work.gate(hostile, ["cat passwd package.json"]);
      for (const { log } of [session, gate]) expectNothingOfTheHost(log);

      const inspecting = bench.contextOf(inspectionJob(bench, { sha: hostile, base: main }));
      const inspected = await createInspectionExecutor(bench.deps)(inspecting.context);
      expect(inspected).toMatchObject({ outcome: "inspected" });
      const named = inspected.integrity.map(({ file }) => file);
      expect(named).toEqual(expect.arrayContaining(LINKS.filter((path) => path !== "passwd")));
      expect(JSON.stringify(inspected)).not.toContain("root:");
      expect(readdirSync(canary)).toEqual([]);
    });
  });
});

/** Clones with everything allowed, as somebody may have it on the host; gives the names of the files that this left. */
function cloneOutside(from: string, where: string): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), "steward-control-"));
  const filter = ["-c", `filter.evil.smudge=touch ${where}/smudge; cat`, "-c", "protocol.ext.allow=always"];
  const clone = ["clone", "--quiet", "--branch", "hostile", from, "clone"];
  execFileSync("git", [...filter, ...clone], { cwd: folder, stdio: "ignore" });
  const update = `git -c protocol.ext.allow=always submodule update --init; true`;
  execFileSync("sh", ["-c", update], { cwd: join(folder, "clone"), stdio: "ignore" });
  rmSync(folder, { recursive: true });
  return readdirSync(where).sort();
}
