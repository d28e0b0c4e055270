/** Folders that are made once, completely or not at all, held while in use, and removed when long unused. */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createShare } from "./take-turns.ts";

/** The name of what is not complete; a killed runner leaves it behind. */
const UNFINISHED = ".unfinished";

/** A store of such folders below one folder. */
export interface KeptFolders {
  /** The complete folder under this name, made by `make` unless it is there; made once however many ask. */
  ensure(name: string, make: (folder: string) => Promise<void>): Promise<string>;
  /** Where the folder of this name is, or would be. */
  pathOf(name: string): string;
  /** The names of all complete folders, most recently used first. */
  names(): Promise<readonly string[]>;
  /** Keeps `sweep` away from the folder until the returned function is called. */
  hold(folder: string): () => void;
  /** Removes what was left unfinished and what nobody has used for so long. */
  sweep(unusedMs: number): Promise<void>;
}

/** Opens the store; nothing is made before it is needed. */
export function openKeptFolders(root: string, trash: string): KeptFolders {
  const share = createShare<string>();
  const held = new Map<string, number>();
  const making = new Set<string>();
  const discard = async (folder: string) => {
    const gone = join(trash, `${basename(folder)}-${randomBytes(6).toString("hex")}`);
    await mkdir(trash, { recursive: true });
    await rename(folder, gone);
    await rm(gone, { recursive: true, force: true });
  };
  const ensure: KeptFolders["ensure"] = (name, make) =>
    share(name, async () => {
      const folder = join(root, name);
      if (!existsSync(folder)) {
        const unfinished = `${folder}${UNFINISHED}-${randomBytes(4).toString("hex")}`;
        making.add(unfinished);
        try {
          await mkdir(unfinished, { recursive: true, mode: 0o755 });
          await make(unfinished);
          await rename(unfinished, folder);
        } catch (error) {
          if (existsSync(unfinished)) await discard(unfinished);
          throw error;
        } finally {
          making.delete(unfinished);
        }
      }
      await utimes(folder, new Date(), new Date());
      return folder;
    });
  const list = async () => (existsSync(root) ? readdir(root) : []);
  const withAge = async (name: string) => ({ name, usedAt: (await stat(join(root, name))).mtimeMs });
  const complete = async () => {
    const names = (await list()).filter((name) => !name.includes(UNFINISHED));
    return (await Promise.all(names.map(withAge))).sort((a, b) => b.usedAt - a.usedAt);
  };
  return {
    ensure,
    pathOf: (name) => join(root, name),
    names: async () => (await complete()).map(({ name }) => name),
    hold(folder) {
      const entry = join(root, folder.slice(root.length + 1).split("/")[0] ?? "");
      held.set(entry, (held.get(entry) ?? 0) + 1);
      return () => void held.set(entry, (held.get(entry) ?? 1) - 1);
    },
    async sweep(unusedMs) {
      const oldest = Date.now() - unusedMs;
      const unfinished = (await list()).filter((name) => name.includes(UNFINISHED)).map((name) => join(root, name));
      for (const folder of unfinished) if (!making.has(folder)) await discard(folder);
      // Oldest first: what a thin checkout lies upon was used at least as recently as the thin one.
      for (const { name, usedAt } of (await complete()).reverse()) {
        const folder = join(root, name);
        if (usedAt < oldest && (held.get(folder) ?? 0) === 0 && dirname(folder) === root) await discard(folder);
      }
    },
  };
}
