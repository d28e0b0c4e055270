/** Who may use a command: allowed, refused, or cannot tell; each with its sentence. */
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { Task } from "../domain/task.ts";
import type { Permission } from "../ports/forge.ts";

/** The answer; only `allowed` lets the command run. */
export type Permit =
  | { readonly answer: "allowed" }
  | { readonly answer: "refused" | "cannot-tell"; readonly sentence: string };

/** What the answer depends on. */
export interface PermitRequest {
  /** Name of the command. */
  readonly command: string;
  readonly task: Task;
  readonly by: { readonly login: string };
  readonly permission: Permission;
  /** The comment was changed after it was written, and nobody told by whom. */
  readonly editorUnknown: boolean;
  readonly profiles: AgentProfiles;
}

/** Whether this account may use this command on this task. */
export function permitFor(request: PermitRequest): Permit {
  if (request.editorUnknown) {
    return {
      answer: "cannot-tell",
      sentence:
        "This comment was edited and I was not told by whom, so I do not obey it. Please write the command in a new comment.",
    };
  }
  if (request.permission === "write" || isOwnClaim(request)) return { answer: "allowed" };
  if (request.permission !== "unknown") {
    return {
      answer: "refused",
      sentence: "This needs write permission on the repository. Somebody who has it can write the same command.",
    };
  }
  return {
    answer: "cannot-tell",
    sentence:
      "I cannot tell whether you may: the forge does not show me permissions. The operator can give my account " +
      "administrator rights on the repository; then please write the command again.",
  };
}

/** The account that was asked to do the work may say that it is done. */
function isOwnClaim({ command, task, by, profiles }: PermitRequest): boolean {
  if (command !== "done" || task.phase.state !== "working") return false;
  const profile = profiles[task.phase.session.profile];
  return profile?.driver === "external" && profile.user.toLowerCase() === by.login.toLowerCase();
}
