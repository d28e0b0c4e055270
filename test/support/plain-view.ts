/** A view without a mount namespace: a folder under a traversable path that a job user owns. */
import { randomBytes } from "node:crypto";
import { chown, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { View } from "../../runners/sandbox/view.ts";
import { asOwner } from "../../runners/workspace/views.ts";

/** Not `tmpdir()`: below a folder of mode 0700 no job user can bind. */
const PARENT = "/var/tmp";

/** Unprivileged, and nobody else's. */
const JOB_ID = 64_123;

/** Opens an empty view; exposed paths are reachable as they are, so they must be traversable by the job user. */
export async function openPlainView(expose: readonly string[] = []): Promise<View & AsyncDisposable> {
  const path = join(PARENT, `steward-view-${randomBytes(6).toString("hex")}`);
  const isRoot = process.getuid?.() === 0;
  const owner = isRoot ? { uid: JOB_ID, gid: JOB_ID } : { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  await mkdir(path, { mode: 0o755 });
  await chown(path, owner.uid, owner.gid);
  const dispose = () => rm(path, { recursive: true, force: true });
  return {
    path,
    enter: [],
    enterAsOwner: isRoot ? asOwner(owner) : [],
    exposed: new Map(expose.map((host) => [host, host])),
    owner,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
