/** Lets an agent work on a task's branch in a sandbox, and brings what it leaves to the branch. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../src/domain/errors.ts";
import type { Sha } from "../../src/domain/ids.ts";
import type { SessionJob, SessionResult } from "../../src/protocol/jobs.ts";
import { type Gateway, openGateway } from "../gateway/gateway.ts";
import type { SandboxLimits, SandboxResult } from "../sandbox/sandbox.ts";
import type { View } from "../sandbox/view.ts";
import { gitTrust } from "../workspace/agent-git.ts";
import type { Layer, RepositoryWorkspace } from "../workspace/workspace.ts";
import type { JobDeps } from "./job-deps.ts";
import { isShutdown, sentenceOf, throwIfStopped, unlessStopped } from "./job-end.ts";
import { type JobFolder, openJobFolder } from "./job-folder.ts";
import { withLocalPort } from "./local-port.ts";
import type { ExecuteJob, RunContext } from "./run-context.ts";
import { bringHome } from "./session-commit.ts";
import { sessionResult } from "./session-end.ts";
import { ensureSetUp } from "./set-up.ts";

const MINUTE_MS = 60_000;

/** Opens nothing anywhere: programs refuse to start without a key, and the gateway adds the real one outside. */
const KEY_THAT_OPENS_NOTHING = "steward-session";

/** What a session has open while it lasts. */
interface Session {
  readonly context: RunContext<SessionJob>;
  readonly workspace: RepositoryWorkspace;
  readonly folder: JobFolder;
  readonly gateway: { readonly open: Gateway; readonly socketPath: string } | undefined;
  readonly startCommit: Sha;
  readonly startedAt: number;
}

async function openSessionGateway(
  { config }: JobDeps,
  { job, signal, log }: RunContext<SessionJob>,
  folder: JobFolder,
): Promise<Session["gateway"]> {
  if (job.endpoint === undefined) return undefined;
  const endpoint = config.endpoints[job.endpoint];
  if (!endpoint) {
    throw new UserError("CONFIG_INVALID", `this runner has no endpoint ${job.endpoint}: add it to its \`endpoints\``);
  }
  const socketPath = join(folder.path, "gateway.sock");
  const options = { socketPath, endpoint, model: job.model, signal };
  return { open: await openGateway({ ...options, log: (line) => log(`${line}\n`) }), socketPath };
}

/** The layer of set-up, where there is one: a session without it is better than none. */
async function setUpFor(deps: JobDeps, session: Session): Promise<readonly Layer[]> {
  const { context, workspace, startCommit: commit } = session;
  const { job, signal } = context;
  const { setup, task, base } = job;
  if (!setup) return [];
  const mergeBase = await workspace.mergeBase(base, commit);
  const log = (chunk: Buffer | string) => context.log(chunk);
  const prepared = await ensureSetUp(deps, { workspace, setup, commit, base, mergeBase, task, signal, log });
  if (prepared.outcome === "ready") return [prepared.layer];
  context.log(`set-up failed (${prepared.reason}): the session goes on without it\n`);
  return [];
}

function environment({ job }: RunContext<SessionJob>, promptFile: string, origin: string | undefined) {
  const own = {
    STEWARD_PROMPT_FILE: promptFile,
    STEWARD_TASK: job.task,
    STEWARD_ATTEMPT: `${job.attempt}`,
    STEWARD_BRANCH: job.branch,
  };
  if (origin === undefined) return own;
  return {
    ...own,
    ANTHROPIC_BASE_URL: origin,
    ANTHROPIC_API_KEY: KEY_THAT_OPENS_NOTHING,
    ...(job.model === undefined ? {} : { ANTHROPIC_MODEL: job.model }),
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_AUTOUPDATER: "1",
  };
}

async function runAgent(
  deps: JobDeps,
  { context, gateway }: Session,
  {
    view,
    promptFile,
    readable,
    limits,
  }: { view: View; promptFile: string; readable: readonly string[]; limits: SandboxLimits },
): Promise<SandboxResult> {
  const { job, signal } = context;
  const command = ["sh", "-c", job.command];
  const port = gateway ? withLocalPort(deps.sandbox, gateway.socketPath, command) : undefined;
  context.log(`$ ${job.command}\n`);
  return deps.sandbox.run({
    ...{ view, limits, signal, writable: [], stdin: job.prompt },
    argv: port?.argv ?? command,
    env: { ...gitTrust(deps.sandbox), ...environment(context, promptFile, port?.origin) },
    readable: [promptFile, ...readable, ...(port?.readable ?? [])],
    onOutput: (chunk) => context.log(chunk),
  });
}

function limitsOf({ config, clock }: JobDeps, { context, startedAt }: Session): SandboxLimits {
  const { turnMinutes, sessionMinutes } = context.job;
  const left = sessionMinutes * MINUTE_MS - (clock.now() - startedAt);
  return { ...config.limits, timeoutMs: Math.max(1, Math.min(turnMinutes * MINUTE_MS, left)) };
}

async function work(deps: JobDeps, session: Session): Promise<SessionResult> {
  const { context, workspace, folder, gateway, startCommit, startedAt } = session;
  const { job, signal } = context;
  const promptFile = join(folder.path, "prompt.md");
  await writeFile(promptFile, job.prompt, { mode: 0o644 });
  const layers = [...(await setUpFor(deps, session)), ...(await workspace.checkout(startCommit))];
  const preparing = workspace.preparing(job.branch);
  const shown = [promptFile, ...preparing.readable, ...(gateway ? [gateway.socketPath] : [])];
  throwIfStopped(signal);
  const view = await workspace.openView(layers, [...deps.sandbox.exposes, ...shown]);
  try {
    await preparing.prepare(view, startCommit, deps.sandbox);
    const limits = limitsOf(deps, session);
    const ended = await runAgent(deps, session, { view, promptFile, readable: preparing.readable, limits });
    if (!isShutdown(signal)) throwIfStopped(signal);
    const home = await bringHome(deps, { context, workspace, view, startCommit });
    if (ended.end === "aborted") throwIfStopped(signal);
    const usage = gateway?.open.usage();
    const refused = gateway?.open.refused() ?? [];
    const isProviderFailing = gateway?.open.isFailing() ?? false;
    const durationMs = deps.clock.now() - startedAt;
    return sessionResult({ job, ended, limits, home, usage, isProviderFailing, refused, durationMs });
  } finally {
    await view.dispose();
  }
}

async function runSession(deps: JobDeps, context: RunContext<SessionJob>, startedAt: number): Promise<SessionResult> {
  const { job, signal } = context;
  const startCommit = job.branchHead ?? job.base;
  const workspace = await deps.workspaces.open(job.repository, job.cloneUrl);
  await unlessStopped(signal, workspace.fetch([startCommit, job.base], signal));
  await using folder = await openJobFolder(deps.config.folder);
  const gateway = await openSessionGateway(deps, context, folder);
  try {
    return await work(deps, { context, workspace, folder, gateway, startCommit, startedAt });
  } finally {
    await gateway?.open.close();
  }
}

/** Makes the executor of session jobs. */
export function createSessionExecutor(deps: JobDeps): ExecuteJob<SessionJob, SessionResult> {
  return async (context) => {
    const startedAt = deps.clock.now();
    try {
      return await runSession(deps, context, startedAt);
    } catch (error) {
      throwIfStopped(context.signal);
      const summary = sentenceOf(error);
      context.log(`${summary}\n`);
      return {
        kind: "session",
        outcome: "error",
        summary,
        changed: false,
        ...(context.job.branchHead ? { head: context.job.branchHead } : {}),
        refused: [],
        durationMs: deps.clock.now() - startedAt,
      };
    }
  };
}
