/** What is installed once before gates and sessions: a layer below the checkout, shared by all with the default branch's lock files. */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { RetryableError } from "../../src/domain/errors.ts";
import type { Setup } from "../../src/domain/gate.ts";
import type { Sha, TaskId } from "../../src/domain/ids.ts";
import { type EgressProxy, openEgressProxy } from "../egress/egress-proxy.ts";
import type { View } from "../sandbox/view.ts";
import type { Layer, RepositoryWorkspace } from "../workspace/workspace.ts";
import { type BoundedLog, createBoundedLog } from "./bounded-log.ts";
import type { JobDeps } from "./job-deps.ts";
import { endInWords, throwIfStopped, unlessStopped } from "./job-end.ts";
import { openJobFolder } from "./job-folder.ts";
import { withLocalPort } from "./local-port.ts";
import { setUpKey } from "./result-key.ts";

const MINUTE_MS = 60_000;

/** Who needs what set up. */
export interface SetUpRequest {
  readonly workspace: RepositoryWorkspace;
  readonly setup: Setup;
  readonly commit: Sha;
  /** The default branch's head. */
  readonly base: Sha;
  readonly mergeBase: Sha | undefined;
  readonly task: TaskId;
  readonly signal: AbortSignal;
  log(chunk: Buffer | string): void;
}

/** A set-up that did not succeed. */
export interface SetUpFailed {
  readonly outcome: "failed";
  /** `exit code 1`, `took longer than 10 minutes`. */
  readonly reason: string;
  readonly output: string;
  /** The checkout's path in the output. */
  readonly workFolder: string;
  readonly refusedHosts: readonly string[];
  /** True when it ran on files that the branch changed: the failure is the branch's. Otherwise it is ours. */
  readonly isTheBranchs: boolean;
}

/** How set-up went. */
export type SetUp =
  | { readonly outcome: "ready"; readonly layer: Layer; readonly refusedHosts: readonly string[] }
  | SetUpFailed;

/** Carries a failure to everybody who waits for the same layer. */
class SetUpFailure extends RetryableError {
  readonly found: Omit<SetUpFailed, "isTheBranchs">;

  constructor(found: Omit<SetUpFailed, "isTheBranchs">) {
    super("SETUP_FAILED", `set-up failed: ${found.reason}`);
    this.found = found;
  }
}

/** Programs look for a proxy under either spelling; npm has its own, and Node must be told to look. */
function proxyVariables(origin: string): Readonly<Record<string, string>> {
  const names = [
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "http_proxy",
    "https_proxy",
    "npm_config_proxy",
    "npm_config_https_proxy",
  ];
  const local = { NO_PROXY: "127.0.0.1,localhost", no_proxy: "127.0.0.1,localhost", NODE_USE_ENV_PROXY: "1" };
  return { ...Object.fromEntries(names.map((name) => [name, origin])), ...local };
}

async function install(
  deps: JobDeps,
  { setup, signal, log }: SetUpRequest,
  { view, socketPath, kept, proxy }: { view: View; socketPath: string; kept: BoundedLog; proxy: EgressProxy },
): Promise<void> {
  const { sandbox, config } = deps;
  const limits = { ...config.limits, timeoutMs: setup.timeoutMinutes * MINUTE_MS };
  const { argv, readable, origin } = withLocalPort(sandbox, socketPath, ["sh", "-ec", setup.run]);
  const env = { CI: "true", ...proxyVariables(origin) };
  const onOutput = (chunk: Buffer) => {
    kept.write(chunk);
    log(chunk);
  };
  log(`set-up: $ ${setup.run}\n`);
  const result = await sandbox.run({ view, argv, env, readable, writable: [], limits, signal, onOutput });
  throwIfStopped(signal);
  if (result.end === "exit" && result.exitCode === 0) return;
  throw new SetUpFailure({
    outcome: "failed",
    reason: endInWords(result, limits),
    output: kept.text(),
    workFolder: sandbox.workFolder(view),
    refusedHosts: proxy.refused(),
  });
}

/**
 * Which files set-up works on, and under which key others may use what it leaves. What all share is made of the default branch's
 * head alone: set-up runs what a commit holds, so any other commit, merged or not, decides for nothing but its own files.
 */
async function planOf(deps: JobDeps, { workspace, setup, commit, base, mergeBase, task }: SetUpRequest) {
  const contents = (at: Sha) => Promise.all(setup.cache.map((path) => workspace.readFile(at, path)));
  const files = await contents(commit);
  const isLike = async (other: Sha) => isDeepStrictEqual(await contents(other), files);
  const inputs = { setup, files, toolchain: deps.sandbox.toolchain };
  if (setup.cache.length > 0 && (await isLike(base))) {
    return { from: base, key: setUpKey({ ...inputs, tree: undefined, task: undefined }), isShared: true };
  }
  const isShared = mergeBase !== undefined && (await isLike(mergeBase));
  const from = isShared ? mergeBase : commit;
  const tree = await workspace.treeOf(from);
  return { from, key: setUpKey({ ...inputs, tree, task: isShared ? undefined : task }), isShared };
}

/** Makes the layer, or waits for the job that is making it. */
async function ensureLayer(deps: JobDeps, request: SetUpRequest, key: string, from: Sha): Promise<SetUp> {
  const { workspace, signal, log } = request;
  const below = await workspace.checkout(from);
  await using folder = await openJobFolder(deps.config.folder);
  const socketPath = join(folder.path, "egress.sock");
  const proxy = await openEgressProxy({ socketPath, allow: deps.config.egress, log: (line) => log(`${line}\n`) });
  try {
    const build = (view: View) =>
      install(deps, request, { view, socketPath, kept: createBoundedLog(deps.config), proxy });
    const layer = await unlessStopped(
      signal,
      workspace.layer(key, below, build, [...deps.sandbox.exposes, socketPath]),
    );
    return { outcome: "ready", layer, refusedHosts: proxy.refused() };
  } finally {
    await proxy.close();
  }
}

/** The set-up layer for a commit. A job that was stopped while it made the layer leaves that to the next one that waits. */
export async function ensureSetUp(deps: JobDeps, request: SetUpRequest): Promise<SetUp> {
  const { key, from, isShared } = await planOf(deps, request);
  for (;;) {
    try {
      return await ensureLayer(deps, request, key, from);
    } catch (error) {
      throwIfStopped(request.signal);
      if (error instanceof SetUpFailure) return { ...error.found, isTheBranchs: !isShared };
      const isAnothersStop = error instanceof RetryableError && error.code === "RUN_FENCED";
      if (!isAnothersStop) throw error;
    }
  }
}
