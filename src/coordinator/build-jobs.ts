/** The jobs of a phase, as a runner is to get them. Built anew from document and forge, so that a crash loses none. */
import { sessionPrompt } from "../continuation/session-prompt.ts";
import { issueRefFrom } from "../domain/ids.ts";
import type { Session } from "../domain/session.ts";
import type { Task } from "../domain/task.ts";
import type { Verification } from "../domain/verification.ts";
import { truncate } from "../lib/text.ts";
import type { Issue, Repository } from "../ports/forge.ts";
import type { Job } from "../protocol/jobs.ts";
import type { Deps } from "./deps.ts";
import { knownGates, readRepositoryRules } from "./repository-rules.ts";
import type { Situation } from "./situation.ts";

/** Length of a commit's first line. */
const COMMIT_TITLE_LENGTH = 72;

/** All jobs that the task's phase has under way; none for an external agent's session. */
export async function buildJobs(deps: Deps, task: Task, situation: Situation): Promise<readonly Job[]> {
  const { repository, issue } = situation;
  if (!repository || !issue) return [];
  if (task.phase.state === "verifying") return verificationJobs(task, task.phase.verification, repository);
  if (task.phase.state === "working")
    return sessionJobs(deps, task, task.phase.session, { ...situation, repository, issue });
  return [];
}

function verificationJobs(task: Task, verification: Verification, repository: Repository): readonly Job[] {
  const { sha, base, setup, fresh, freshGate, inspection } = verification;
  const common = { task: task.id, repository: repository.name, cloneUrl: repository.cloneUrl, sha, base };
  const gates = verification.gates.filter((run) => !run.result);
  const gateJobs = gates.map(
    ({ gate, run }): Job => ({
      kind: "gate",
      ...common,
      run,
      runsOn: gate.runsOn,
      gate,
      fresh: fresh && (freshGate === undefined || freshGate === gate.name),
      ...(setup ? { setup } : {}),
    }),
  );
  return inspection.result
    ? gateJobs
    : [...gateJobs, { kind: "inspection", ...common, run: inspection.run, runsOn: [] }];
}

async function sessionJobs(
  deps: Deps,
  task: Task,
  session: Session,
  { repository, issue, understanding }: Situation & { readonly repository: Repository; readonly issue: Issue },
): Promise<readonly Job[]> {
  const profile = deps.profiles[session.profile];
  if (profile?.driver !== "command") return [];
  const found = await readRepositoryRules(deps, repository);
  const setup = found.found === "rules" ? found.rules.setup : undefined;
  const attempt = task.attempts + 1;
  const prompt = sessionPrompt({
    issue: { title: issue.title, body: issue.body, number: issueRefFrom(task.id).number },
    repository: repository.name,
    branch: task.branch,
    gates: knownGates(found).gates,
    acceptance: understanding?.acceptance ?? [],
    instruction: session.instruction,
    attempt,
    limits: deps.limits,
  });
  const job: Job = {
    kind: "session",
    run: session.run,
    task: task.id,
    repository: repository.name,
    cloneUrl: repository.cloneUrl,
    runsOn: [],
    branch: task.branch,
    ...(session.startHead ? { branchHead: session.startHead } : {}),
    base: session.base,
    profile: session.profile,
    command: profile.run,
    ...(profile.model ? { model: profile.model } : {}),
    ...(profile.endpoint ? { endpoint: profile.endpoint } : {}),
    prompt,
    attempt,
    commitTitle: truncate(task.title, COMMIT_TITLE_LENGTH) || task.id,
    ...(setup ? { setup } : {}),
    turnMinutes: deps.limits["turn-minutes"],
    sessionMinutes: deps.limits["session-minutes"],
  };
  return [job];
}
