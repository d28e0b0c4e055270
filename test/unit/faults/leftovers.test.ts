/** Whatever a world leaves behind is seen: each kind is put there, and is gone from the list when it is gone. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { leftovers } from "../../faults/leftovers.ts";

let world: string;
let runner: string;

beforeEach(() => {
  world = mkdtempSync(join(tmpdir(), "steward-left-"));
  runner = join(world, "data", "runner");
  mkdirSync(runner, { recursive: true });
});

afterEach(() => rmSync(world, { recursive: true }));

/** Starts a process that says when it is ready, and ends it at the end of the scope. */
async function started(argv: readonly [string, ...string[]]): Promise<{ readonly pid: number } & AsyncDisposable> {
  const [program, ...args] = argv;
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  return {
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await once(child, "exit");
    },
  };
}

/** Ready when it says so, over when nothing more comes in. */
const WAIT = "echo ready; cat > /dev/null; :";

test("nothing is left of a folder in which nothing is", () => {
  expect(leftovers(world)).toEqual([]);
});

test("a process is seen by its arguments, unless it is below one that may live", async () => {
  {
    await using child = await started(["sh", "-c", WAIT, world]);
    expect(leftovers(world).filter((words) => words.startsWith(`process ${child.pid}`))).toHaveLength(1);
    expect(leftovers(world, [child.pid])).toEqual([]);
  }
  expect(leftovers(world)).toEqual([]);
});

test("a lock that is held is seen, and one of git's", async () => {
  const lock = join(runner, "lock");
  writeFileSync(lock, "");
  {
    await using _holder = await started(["flock", lock, "sh", "-c", WAIT]);
    expect(leftovers(world)).toContain("the runner's folder is locked");
  }
  mkdirSync(join(runner, "mirrors", "widgets.git"), { recursive: true });
  writeFileSync(join(runner, "mirrors", "widgets.git", "packed-refs.lock"), "");
  expect(leftovers(world)).toEqual(["git's lock widgets.git/packed-refs.lock"]);
});

test.for(["views", "jobs", "staging", "trash"])("a folder of a job in %s is seen", (place) => {
  mkdirSync(join(runner, place, "one"), { recursive: true });
  expect(leftovers(world)).toEqual([`folder ${join(runner, place, "one")}`]);
});

test("a mount is seen", () => {
  // Needs root, as the faults do that mount: who is not is told so here.
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "left-there", runner]);
  // Not all that is left: another test's namespace that is made meanwhile has a copy of the mount, and is a process that names it.
  const mounts = () => leftovers(world).filter((words) => words.startsWith("mount "));
  try {
    expect(mounts()).toHaveLength(1);
  } finally {
    execFileSync("umount", [runner]);
  }
  expect(mounts()).toEqual([]);
});
