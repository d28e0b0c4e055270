/** Prepared checkouts: whole ones, and for commits close to one of these a thin layer that holds the difference. */

import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, utimes, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join, relative } from "node:path";
import { Sha } from "../../src/domain/ids.ts";
import type { GitMirror } from "./git-mirror.ts";
import type { KeptFolders } from "./kept-folder.ts";
import { type OverlayOptions, overlayOptions } from "./overlay-views.ts";
import { runTool } from "./run-tool.ts";
import type { Layer } from "./workspace.ts";

/** A commit that differs in more files gets a whole checkout, which later ones can build on. */
const MOST_DIFFERENT_FILES = 500;

/** Below this many files git's own start costs more than writing them one after the other. */
const PARALLEL_FROM_FILES = 100;

/** In a checkout: the files, git's index of them, or the commit of the whole checkout that this one lies upon. */
const FILES = "files";
const INDEX = "index";
const UPON = "upon";

/** Git tells times of files by whole seconds. */
const INDEX_AGE_MS = 5_000;

/** Prepares checkouts of one repository. */
export interface Checkouts {
  /** The commit's files as layers, lowest first. */
  ensure(commit: Sha): Promise<readonly Layer[]>;
}

/** What checkouts need. */
export interface CheckoutDeps {
  readonly mirror: GitMirror;
  readonly kept: KeptFolders;
  /** Absent: every checkout is a whole one. */
  readonly overlay: OverlayOptions | undefined;
  readonly owner: { readonly uid: number; readonly gid: number };
  readonly isRoot: boolean;
}

/** The index is compared by size and time alone: owner, inode and time of change differ between a file and its overlay. */
const READ_TREE = [
  ...["-c", "core.checkStat=minimal"],
  ...["-c", "core.trustctime=false"],
  ...["-c", `checkout.workers=${availableParallelism()}`],
  ...["-c", `checkout.thresholdForParallelism=${PARALLEL_FROM_FILES}`],
  ...["read-tree", "--reset", "-u"],
];

async function giveTo({ owner, isRoot }: CheckoutDeps, folder: string): Promise<void> {
  if (isRoot) await runTool(["chown", "-hR", `${owner.uid}:${owner.gid}`, folder]);
}

async function makeWhole(deps: CheckoutDeps, commit: Sha, folder: string): Promise<void> {
  const files = join(folder, FILES);
  await mkdir(files, { mode: 0o755 });
  const env = { GIT_WORK_TREE: files, GIT_INDEX_FILE: join(folder, INDEX) };
  await deps.mirror.git([...READ_TREE, commit], { env });
  await giveTo(deps, files);
}

/** Mounts the whole checkout under an upper side on disk, lets git write the difference, and keeps the upper side. */
const MOUNT_AND_RUN = `
mount -t overlay -o "$1" steward "$2"
shift 2
exec "$@"
`;

async function makeThin(
  deps: CheckoutDeps & { readonly overlay: OverlayOptions },
  commit: Sha,
  upon: { readonly commit: Sha; readonly folder: string },
  folder: string,
): Promise<void> {
  const { overlay, mirror, isRoot } = deps;
  const at = (name: string) => join(folder, name);
  await Promise.all([FILES, "work", "merged"].map((name) => mkdir(at(name), { mode: 0o755 })));
  await copyFile(join(upon.folder, INDEX), at(INDEX));
  // An index as old as its files makes git read them all again; these are never written to, so the copy may be younger.
  const younger = new Date(Date.now() + INDEX_AGE_MS);
  await utimes(at(INDEX), younger, younger);
  const [upper, work] = [FILES, "work"].map((name) => relative(overlay.folder, at(name)));
  const options = `${overlayOptions(overlay, [{ folder: join(upon.folder, FILES) }])},upperdir=${upper},workdir=${work}`;
  const namespace = ["unshare", isRoot ? "-m" : "-Urm", "--propagation", "private"];
  await mirror.git([...READ_TREE, commit], {
    through: [...namespace, "sh", "-ec", MOUNT_AND_RUN, "sh", options, at("merged")],
    cwd: overlay.folder,
    env: { GIT_WORK_TREE: at("merged"), GIT_INDEX_FILE: at(INDEX) },
  });
  await runTool(["rm", "-rf", at("work"), at("merged"), at(INDEX)]);
  await giveTo(deps, at(FILES));
  await writeFile(at(UPON), upon.commit);
}

async function isClose({ mirror }: CheckoutDeps, a: Sha, b: Sha): Promise<boolean> {
  const { bytes } = await mirror.git(["diff-tree", "-r", "-z", "--name-only", "--no-renames", a, b]);
  return bytes.filter((byte) => byte === 0).length <= MOST_DIFFERENT_FILES;
}

/** Opens the checkouts of a repository. */
export function openCheckouts(deps: CheckoutDeps): Checkouts {
  const { kept, mirror, overlay } = deps;
  const nameOf = (commit: Sha) => `${mirror.name}-${commit}`;

  /** The whole checkout used last, if the commit is close to it; it is looked for among those of this repository. */
  async function nearest(commit: Sha): Promise<Sha | undefined> {
    const prefix = `${mirror.name}-`;
    const own = (await kept.names()).filter((name) => name.startsWith(prefix));
    const candidates = own
      .map((name) => Sha.safeParse(name.slice(prefix.length)).data)
      .filter((sha) => sha !== undefined);
    for (const candidate of candidates) {
      const isWhole = existsSync(join(kept.pathOf(nameOf(candidate)), INDEX));
      if (isWhole) return (await isClose(deps, candidate, commit)) ? candidate : undefined;
    }
    return undefined;
  }

  async function make(commit: Sha, folder: string): Promise<void> {
    const found = overlay && (await nearest(commit));
    if (!overlay || !found) return makeWhole(deps, commit, folder);
    const upon = kept.pathOf(nameOf(found));
    const release = kept.hold(upon);
    await makeThin({ ...deps, overlay }, commit, { commit: found, folder: upon }, folder).finally(release);
  }

  return {
    async ensure(commit) {
      const folder = await kept.ensure(nameOf(commit), (unfinished) => make(commit, unfinished));
      const own = { folder: join(folder, FILES) };
      if (!existsSync(join(folder, UPON))) return [own];
      const upon = Sha.parse(await readFile(join(folder, UPON), "utf8"));
      const below = kept.pathOf(nameOf(upon));
      await utimes(below, new Date(), new Date());
      return [{ folder: join(below, FILES) }, own];
    },
  };
}
