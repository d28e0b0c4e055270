/** The workspace port with git: mirrors, checkouts and layers in the runner's folder, views by whatever this machine can. */
import { createHash } from "node:crypto";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createRedactor } from "../../src/lib/redact.ts";
import type { RunnerConfig } from "../runner-config.ts";
import type { View } from "../sandbox/view.ts";
import { prepareAgentGit } from "./agent-git.ts";
import { writeAskpass } from "./askpass.ts";
import { openCheckouts } from "./checkouts.ts";
import { createCopiedViews } from "./copied-views.ts";
import { lockFolder } from "./folder-lock.ts";
import { createGit } from "./git.ts";
import { type GitMirror, type MirrorDeps, openMirror } from "./git-mirror.ts";
import { type KeptFolders, openKeptFolders } from "./kept-folder.ts";
import { createOverlayViews, type OverlayOptions } from "./overlay-views.ts";
import { stageView } from "./stage-view.ts";
import { createShare, createTurns } from "./take-turns.ts";
import type { Owner, Views } from "./views.ts";
import type { Layer, RepositoryWorkspace, Workspaces } from "./workspace.ts";

/** Owns the files of views where the runner is root: nobody else's number, and the same for all jobs of a runner. */
const JOB_ID = 64_200;

const DAY_MS = 86_400_000;

/** How long what can be made again stays without use. */
const UNUSED = { checkouts: 3 * DAY_MS, layers: 7 * DAY_MS, mirrors: 60 * DAY_MS };

/** Folders below the runner's. */
const PLACES = ["mirrors", "checkouts", "layers", "staging", "trash", "empty", "views", "jobs"] as const;

/** What the workspaces need to know. */
export type WorkspaceConfig = Pick<RunnerConfig, "folder" | "forge" | "slots"> & {
  readonly limits: Pick<RunnerConfig["limits"], "diskBytes">;
};

interface Runner {
  readonly config: WorkspaceConfig;
  readonly views: Views;
  readonly overlay: OverlayOptions | undefined;
  readonly isRoot: boolean;
  readonly checkouts: KeptFolders;
  readonly layers: KeptFolders;
  at(place: (typeof PLACES)[number]): string;
}

/** Tries what overlays are used for: a folder of a lower layer is replaced. Where that fails, views are copies. */
async function chooseViews(overlay: OverlayOptions): Promise<Pick<Runner, "views" | "overlay">> {
  const views = createOverlayViews(overlay);
  const probe = await views.open([], []).catch(() => undefined);
  if (!probe) return { views: createCopiedViews(overlay), overlay: undefined };
  await probe.dispose();
  return { views, overlay };
}

/** A view keeps its layers from being swept until it is disposed of. */
async function openHeldView(
  { views, checkouts, layers: kept }: Runner,
  layers: readonly Layer[],
  expose: readonly string[],
): Promise<View> {
  const releases = layers.flatMap(({ folder }) => [checkouts.hold(folder), kept.hold(folder)]);
  const release = () => {
    for (const done of releases.splice(0)) done();
  };
  try {
    const view = await views.open(layers, expose);
    return { ...view, dispose: () => view.dispose().finally(release) };
  } catch (error) {
    release();
    throw error;
  }
}

function commitEnvironment({ login, email }: RunnerConfig["forge"]): Readonly<Record<string, string>> {
  return {
    GIT_AUTHOR_NAME: login,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: login,
    GIT_COMMITTER_EMAIL: email,
  };
}

function repositoryWorkspace(runner: Runner, mirror: GitMirror): RepositoryWorkspace {
  const { views, overlay, isRoot, config } = runner;
  const checkouts = openCheckouts({ mirror, kept: runner.checkouts, overlay, owner: views.owner, isRoot });
  const { fetch, mergeBase, treeOf, readFile, changedFiles, push } = mirror;
  return {
    ...{ fetch, mergeBase, treeOf, readFile, changedFiles, push },
    checkout: (commit) => checkouts.ensure(commit),
    async layer(key, below, build, expose) {
      const name = `${mirror.name}-${createHash("sha256").update(key).digest("hex")}`;
      const folder = await runner.layers.ensure(name, async (unfinished) => {
        const files = join(unfinished, "files");
        await mkdir(files, { mode: 0o755 });
        const view = await openHeldView(runner, below, expose);
        try {
          await build(view);
          await views.takeAdded(view, below, files);
        } finally {
          await view.dispose();
        }
        await rm(join(files, ".git"), { recursive: true, force: true });
      });
      return { folder: join(folder, "files") };
    },
    openView: (layers, expose) => openHeldView(runner, layers, expose),
    preparing: (branch) => prepareAgentGit(mirror, config.forge, branch),
    async commitView(view, { parent, message, sandbox, signal, onLeftOut }) {
      const staged = await stageView(
        { mirror, views, isRoot, folder: runner.at("staging") },
        { view, parent, sandbox, signal },
      );
      if (staged.leftOut) onLeftOut?.(staged.leftOut);
      if (staged.tree === (await mirror.treeOf(parent))) return undefined;
      return mirror.commitTree(staged.tree, parent, message, commitEnvironment(config.forge));
    },
  };
}

function ownerOfViews(isRoot: boolean): Owner {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  return isRoot ? { uid: JOB_ID, gid: JOB_ID } : { uid, gid };
}

/** A mirror is used when something is fetched; one that is gone is made again then. */
async function sweepMirrors(
  { folder, takeTurn }: Pick<MirrorDeps, "folder" | "takeTurn">,
  trash: string,
): Promise<void> {
  const oldest = Date.now() - UNUSED.mirrors;
  for (const name of await readdir(folder)) {
    await takeTurn(name, async () => {
      if ((await stat(join(folder, name))).mtimeMs >= oldest) return;
      await rename(join(folder, name), join(trash, name));
      await rm(join(trash, name), { recursive: true, force: true });
    });
  }
}

/** Opens the runner's folder; it belongs to this process until `close`. */
export async function openWorkspaces(config: WorkspaceConfig): Promise<Workspaces> {
  const at: Runner["at"] = (place) => join(config.folder, place);
  await mkdir(config.folder, { recursive: true, mode: 0o700 });
  const unlock = await lockFolder(config.folder);
  try {
    return await openLocked(config, at, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

async function openLocked(config: WorkspaceConfig, at: Runner["at"], unlock: () => Promise<void>): Promise<Workspaces> {
  for (const place of ["staging", "views", "trash", "jobs"] as const)
    await rm(at(place), { recursive: true, force: true });
  for (const place of PLACES) await mkdir(at(place), { recursive: true, mode: 0o755 });
  const isRoot = process.getuid?.() === 0;
  const { folder, slots: spares, limits } = config;
  const overlay = { folder, owner: ownerOfViews(isRoot), diskBytes: limits.diskBytes, isRoot, spares };
  const checkouts = openKeptFolders(at("checkouts"), at("trash"));
  const layers = openKeptFolders(at("layers"), at("trash"));
  const runner: Runner = { config, isRoot, checkouts, layers, at, ...(await chooseViews(overlay)) };
  const secrets = [config.forge.token];
  const mirrors = {
    git: createGit(createRedactor(secrets)),
    takeTurn: createTurns(),
    askpass: await writeAskpass(config.folder),
    credentials: config.forge,
    folder: at("mirrors"),
  };
  const opened = new Map<string, RepositoryWorkspace>();
  const share = createShare<RepositoryWorkspace>();
  return {
    open: (repository, cloneUrl) =>
      share(`${repository} ${cloneUrl}`, async () => {
        const known = opened.get(`${repository} ${cloneUrl}`);
        if (known) return known;
        const workspace = repositoryWorkspace(runner, await openMirror(mirrors, repository, cloneUrl));
        opened.set(`${repository} ${cloneUrl}`, workspace);
        return workspace;
      }),
    openEmptyView: (expose) => runner.views.open([], expose),
    prepareFor: (expose) => runner.views.prepareFor(expose),
    describe: () => runner.views.description,
    async sweep() {
      await checkouts.sweep(UNUSED.checkouts);
      await layers.sweep(UNUSED.layers);
      await sweepMirrors(mirrors, at("trash"));
    },
    async close() {
      await runner.views.close();
      await unlock();
    },
  };
}
