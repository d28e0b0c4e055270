/** What the coordinator is handed: ports, the instance's rules, a clock and a source of run ids. */
import type { Logger } from "pino";
import type { AgentProfiles } from "../domain/agent-profile.ts";
import type { RunId } from "../domain/ids.ts";
import type { Limits } from "../domain/limits.ts";
import type { Clock } from "../lib/clock.ts";
import type { Forge } from "../ports/forge.ts";
import type { Obey } from "../ports/obey.ts";
import type { TaskQueue } from "../ports/task-queue.ts";
import type { TaskStore } from "../ports/task-store.ts";

export interface Deps {
  readonly forge: Forge;
  readonly store: TaskStore;
  readonly queue: TaskQueue;
  readonly obey: Obey;
  readonly clock: Clock;
  readonly log: Logger;
  readonly profiles: AgentProfiles;
  readonly limits: Limits;
  /** Where people reach the bot, without a slash at the end. */
  readonly publicUrl: string;
  /** Keys the status comment's marker may be signed with; the first signs. */
  readonly markerKeys: readonly string[];
  /** Accounts that are never obeyed, besides the bot itself. */
  readonly ignoredLogins: readonly string[];
  readonly newRunId: () => RunId;
}
