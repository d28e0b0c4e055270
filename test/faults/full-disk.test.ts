/** The disk of the runner's workspace is full for a while: that is told as a failure of ours, and goes on when there is room again. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { waitUntil } from "../support/wait-until.ts";
import { type FaultWorld, openFaultWorld } from "./fault-world.ts";
import { liveThrough } from "./live-through.ts";
import { createPeople } from "./people.ts";

const LIMIT = { timeout: 480_000 };
/** Room for the repository and its checkouts, soon filled. */
const DISK_BYTES = 32 * 1024 ** 2;
const BLOCK = Buffer.alloc(64 * 1024);
const STARTS = { timeout: 120_000, interval: 20 };
const TOLD = { timeout: 180_000, interval: 200 };

/** Puts a small disk of the runner's own under its folder, in a mount namespace of its own: nothing to unmount is left. */
const ON_SMALL_DISK = [
  ...["unshare", "--mount", "--propagation", "private", "sh", "-c"],
  'mkdir -p "$1" && mount -t tmpfs -o "size=$2,mode=0755" steward-small "$1" && shift 2 && exec "$@"',
  "sh",
] as const;

/** Fills the disk to its last byte, seen from inside the runner's namespace; the answer frees it. */
function fillDisk(disk: string): () => void {
  const file = join(disk, "filler");
  const filler = openSync(file, "w");
  for (const size of [BLOCK.length, 4096, 1]) {
    while (hasRoom(filler, BLOCK.subarray(0, size)));
  }
  closeSync(filler);
  return () => rmSync(file);
}

function hasRoom(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) > 0;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOSPC") return false;
    throw error;
  }
}

/** Full from the first job on until people are told so. */
async function fillUntilTold(world: FaultWorld, folder: string): Promise<void> {
  const { runner } = world.programs;
  await waitUntil(() => {
    if (!runner.words().includes('"msg":"job started"')) throw new Error("no job was started");
  }, STARTS);
  const free = fillDisk(join("/proc", `${runner.pid}`, "root", folder));
  const people = createPeople(world);
  await waitUntil(async () => {
    const { issues } = await people.look();
    const words = issues.flatMap(({ comments }) => comments.map(({ body }) => body)).join("\n");
    if (!words.includes("Steward failed and tries again")) throw new Error("nobody is told that the disk is full");
  }, TOLD).finally(free);
}

test("the disk of the workspace is full: nothing is lost, and no agent is blamed", LIMIT, async () => {
  if (process.getuid?.() !== 0) throw new Error("this mounts a small disk for the runner: run it as root");
  await using world = await openFaultWorld({
    seed: 1,
    startRunnerBy: (data) => {
      mkdirSync(data, { recursive: true });
      return [...ON_SMALL_DISK, join(data, "runner"), `${DISK_BYTES}`];
    },
  });
  const folder = join(world.folder, "data", "runner");
  expect(await liveThrough(world, 1, () => fillUntilTold(world, folder))).toEqual([]);
});
