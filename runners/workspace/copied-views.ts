/** Views as plain copies, for machines on which nothing can be mounted. Their disk use has no limit of ours. */
import { randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import { lstat, mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { runTool } from "./run-tool.ts";
import { asOwner, type Owner, type Views } from "./views.ts";

/** What the views of a runner have in common. */
export interface CopyOptions {
  /** Where the copies are made. */
  readonly folder: string;
  readonly owner: Owner;
  readonly isRoot: boolean;
}

async function copyOwned(from: string, to: string): Promise<void> {
  await runTool(["cp", "-a", "--remove-destination", `${from}/.`, to]);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() ? readdir(folder, { withFileTypes: true }) : [];
}

/** Removes from `folder` every file that `original` has, and the folders that are empty then. */
async function removeKnown(folder: string, original: string): Promise<void> {
  for (const entry of await entriesOf(original)) {
    const [known, own] = [join(original, entry.name), join(folder, entry.name)];
    if (!entry.isDirectory()) await rm(own, { recursive: true, force: true });
    else {
      await removeKnown(own, known);
      const left = await entriesOf(own);
      if (left.length === 0) await rmdir(own).catch(() => undefined);
    }
  }
}

/** Makes views by copying. */
export function createCopiedViews({ folder, owner, isRoot }: CopyOptions): Views {
  return {
    description: "copies, disk: unlimited",
    owner,
    async open(layers, expose) {
      const path = join(folder, "views", randomBytes(8).toString("hex"));
      await mkdir(path, { recursive: true, mode: 0o755 });
      await runTool(["chown", `${owner.uid}:${owner.gid}`, path]);
      for (const layer of layers) await copyOwned(layer.folder, path);
      const exposed = new Map(expose.map((host) => [host, host]));
      const dispose = () => rm(path, { recursive: true, force: true });
      return { path, enter: [], enterAsOwner: isRoot ? asOwner(owner) : [], exposed, owner, dispose };
    },
    prepareFor: () => undefined,
    async expose(view, paths) {
      return { ...view, exposed: new Map([...view.exposed, ...paths.map((path) => [path, path] as const)]) };
    },
    async takeAdded(view, below, target) {
      await copyOwned(view.path, target);
      for (const layer of below) await removeKnown(target, layer.folder);
    },
    close: async () => undefined,
  };
}
