/** What a handler is given: the event, a client for the forge, a log, and the arguments most calls want. */
import type { Logger } from "pino";
import { ownerAndRepo } from "../domain/ids.ts";
import type { AppEvent, EventName, EventPayload } from "../ports/app-event.ts";
import type { Octokit } from "./octokit-client.ts";

type RepoArguments = { readonly owner: string; readonly repo: string };

/**
 * The context of one event, as in Probot.
 *
 * @example
 * app.on("issues.assigned", async (context) => {
 *   await context.octokit.rest.issues.createComment(context.issue({ body: "Seen." }));
 * });
 */
export interface Context<Name extends EventName = EventName> {
  /** The id of the delivery that told of the event. */
  readonly id: string;
  /** GitHub's name of the event, without the action. */
  readonly name: AppEvent["name"];
  readonly payload: EventPayload<Name>;
  /** GitHub's client; its calls work on Gitea. */
  readonly octokit: Octokit;
  /** Carries the delivery and the event in every line. */
  readonly log: Logger;

  /**
   * `owner` and `repo` of the event, and what else the call takes.
   *
   * @example
   * await context.octokit.rest.repos.get(context.repo());
   */
  repo(): RepoArguments;
  repo<Extra extends object>(extra: Extra): RepoArguments & Extra;

  /**
   * `owner`, `repo` and `issue_number` of the issue or pull request of the event; throws for events without one.
   *
   * @example
   * await context.octokit.rest.issues.addLabels(context.issue({ labels: ["bug"] }));
   */
  issue(): RepoArguments & { readonly issue_number: number };
  issue<Extra extends object>(extra: Extra): RepoArguments & { readonly issue_number: number } & Extra;

  /**
   * `owner`, `repo` and `pull_number` of the pull request of the event; throws for events without one.
   *
   * @example
   * await context.octokit.rest.pulls.get(context.pullRequest());
   */
  pullRequest(): RepoArguments & { readonly pull_number: number };
  pullRequest<Extra extends object>(extra: Extra): RepoArguments & { readonly pull_number: number } & Extra;
}

/** The context of an event. */
export function createContext(event: AppEvent, octokit: Octokit, log: Logger): Context {
  const { id, name, payload } = event;
  const where = ownerAndRepo(payload.repository.full_name);
  return {
    id,
    name,
    payload,
    octokit,
    log: log.child({ delivery: id, event: fullName(event) }),
    repo: (extra: object = {}) => ({ ...where, ...extra }),
    issue: (extra: object = {}) => ({ ...where, issue_number: numberOf(event), ...extra }),
    pullRequest: (extra: object = {}) => ({ ...where, pull_number: numberOf(event), ...extra }),
  };
}

/** Name and action of an event, as a handler is registered for it. */
export function fullName(event: Pick<AppEvent, "name" | "payload">): string {
  return "action" in event.payload ? `${event.name}.${event.payload.action}` : event.name;
}

function numberOf(event: AppEvent): number {
  if ("issue" in event.payload) return event.payload.issue.number;
  if ("pull_request" in event.payload) return event.payload.pull_request.number;
  throw new TypeError(`a ${event.name} event has no issue and no pull request`);
}
