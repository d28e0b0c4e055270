/** Views by overlay: a private mount namespace each, whose size-limited upper side is gone with it. */
import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { FatalError, UserError } from "../../src/domain/errors.ts";
import { isInside } from "../../src/lib/is-inside.ts";
import { createSpares, type Spare, type Spares } from "../spares.ts";
import { isReachableByAll } from "./reachable.ts";
import { runTool } from "./run-tool.ts";
import { type Holder, startHolder } from "./view-holder.ts";
import type { Owner, Views } from "./views.ts";
import type { Layer } from "./workspace.ts";

/** Folders that every system has, anybody can pass, and nothing of a job lies in; a view covers one of them. */
const MOUNT_POINTS = ["/mnt", "/srv", "/media", "/opt", "/home"];

/** One file for so many bytes is room enough for the smallest sources. */
const BYTES_PER_INODE = 4096;

const GIBIBYTE = 1024 ** 3;

/** Where the runner may mount only in a user namespace, the overlay may only use attributes that it may set there. */
const OVERLAY_OPTIONS = { root: "redirect_dir=off,index=off,metacopy=off", user: "index=off,userxattr" };

/** What every view begins with. Arguments: mount point, tmpfs options, owner, group, then pairs as below. */
const ROOM_SCRIPT = `
mount -t tmpfs -o "$2" steward "$1"
install -d -m 0755 -o "$3" -g "$4" "$1/up" "$1/work" "$1/view" "$1/shown"
shift 4
`;

/** Arguments: mount point, overlay options, then pairs of host path and name to expose it by. */
const OVERLAY_SCRIPT = `
mount -t overlay -o "$2,upperdir=$1/up,workdir=$1/work" steward "$1/view"
shift 2
`;

const EXPOSE_SCRIPT = `
while [ $# -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p "$2"; else : > "$2"; fi
  mount --bind "$1" "$2"
  shift 2
done
`;

/** What the views of a runner have in common. */
export interface OverlayOptions {
  /** All layers are below it. */
  readonly folder: string;
  readonly owner: Owner;
  readonly diskBytes: number;
  readonly isRoot: boolean;
  /** How many views are prepared for when they are wanted. */
  readonly spares: number;
}

/** The overlay's lower side as mount takes it: highest first, relative to the folder, where no name needs escaping. */
export function lowerSide(folder: string, layers: readonly Layer[]): string {
  const names = layers.length === 0 ? ["empty"] : layers.map((layer) => relative(folder, layer.folder));
  if (names.some((name) => !/^[\w./-]+$/.test(name) || name.startsWith(".."))) {
    throw new FatalError("WORKSPACE_FAILED", `layers must lie in ${folder}: ${names.join(", ")}`);
  }
  return [...names].reverse().join(":");
}

/** The options of an overlay mount besides its upper side. */
export function overlayOptions({ folder, isRoot }: OverlayOptions, layers: readonly Layer[]): string {
  return `lowerdir=${lowerSide(folder, layers)},${isRoot ? OVERLAY_OPTIONS.root : OVERLAY_OPTIONS.user}`;
}

function mountPointFor(folder: string, expose: readonly string[]): string {
  const needed = [folder, ...expose].flatMap((path) => (existsSync(path) ? [path, realpathSync(path)] : [path]));
  const found = MOUNT_POINTS.find((point) => isReachableByAll(point) && !needed.some((path) => isInside(path, point)));
  if (found) return found;
  throw new UserError(
    "WORKSPACE_FAILED",
    `no folder is left to mount views on: free one of ${MOUNT_POINTS.join(", ")}`,
  );
}

function nameOf(path: string): string {
  return createHash("sha256").update(path).digest("hex").slice(0, 16);
}

/** Paths anybody can reach stay where they are; the others get a name below the mount point. */
function placesFor(root: string, expose: readonly string[]): ReadonlyMap<string, string> {
  return new Map(expose.map((path) => [path, isReachableByAll(path) ? path : join(root, "shown", nameOf(path))]));
}

/** Pairs of path and place for those that are not where they are anyway, or mounted already. */
function toMount(places: ReadonlyMap<string, string>, mounted: ReadonlyMap<string, string> = new Map()): string[] {
  return [...places].filter(([path, place]) => path !== place && mounted.get(path) !== place).flat();
}

/** A view without layers yet. */
interface Room extends Spare {
  readonly holder: Holder;
  readonly places: ReadonlyMap<string, string>;
}

/** Makes views by overlay; whether this machine can is for the caller to try. */
export function createOverlayViews(options: OverlayOptions): Views {
  const { folder, owner, diskBytes, isRoot, spares } = options;
  const inner = isRoot ? owner : { uid: 0, gid: 0 };
  const tmpfs = `size=${diskBytes},nr_inodes=${Math.ceil(diskBytes / BYTES_PER_INODE)},mode=0755`;
  const supplies = new Map<string, Spares<Room>>();
  let usual: readonly string[] = [];

  async function makeRoom(root: string): Promise<Room> {
    const holder = startHolder({ cwd: folder, userNamespace: !isRoot });
    const places = placesFor(
      root,
      usual.filter((path) => !isInside(path, root)),
    );
    const args = [root, tmpfs, `${inner.uid}`, `${inner.gid}`, ...toMount(places)];
    await holder.run(`${ROOM_SCRIPT}${EXPOSE_SCRIPT}`, args);
    return { holder, places, isAlive: holder.isAlive, release: holder.release };
  }

  function roomsOn(root: string): Spares<Room> {
    const known = supplies.get(root) ?? createSpares(spares, () => makeRoom(root));
    supplies.set(root, known);
    return known;
  }

  return {
    description: `overlay, ${Number((diskBytes / GIBIBYTE).toFixed(2))} GiB each`,
    owner,
    async open(layers, expose) {
      const root = mountPointFor(folder, expose);
      const places = placesFor(root, expose);
      const overlay = overlayOptions(options, layers);
      const { holder, places: mounted } = await roomsOn(root).take();
      await holder.run(`${OVERLAY_SCRIPT}${EXPOSE_SCRIPT}cd /`, [root, overlay, ...toMount(places, mounted)]);
      const enterAsOwner = isRoot ? holder.enterAs(owner) : holder.enter;
      const { enter, release: dispose } = holder;
      return { path: join(root, "view"), enter, enterAsOwner, exposed: places, owner, dispose };
    },
    prepareFor(expose) {
      usual = expose;
    },
    async expose(view, paths) {
      const missing = paths.filter((path) => !view.exposed.has(path));
      const places = placesFor(dirname(view.path), missing);
      const pairs = toMount(places);
      if (pairs.length > 0) await runTool([...view.enter, "sh", "-ec", EXPOSE_SCRIPT, "sh", ...pairs]);
      return { ...view, exposed: new Map([...view.exposed, ...places]) };
    },
    async takeAdded(view, _below, target) {
      const upper = join(dirname(view.path), "up");
      // Marks of deleted files mean nothing where the layer will be the lowest.
      const script = 'find "$1" -type c -exec rm -f {} + && cp -a "$1/." "$2"';
      await runTool([...view.enter, "sh", "-ec", script, "sh", upper, target]);
    },
    async close() {
      await Promise.all([...supplies.values()].map((rooms) => rooms.close()));
    },
  };
}
