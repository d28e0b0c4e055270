/** The kernel: handlers are registered by event name, as in Probot, and called for every event that is received. */
import type { Logger } from "pino";
import type { AppEvent, EventName } from "../ports/app-event.ts";
import { type Context, createContext, fullName } from "./context.ts";
import type { Octokit } from "./octokit-client.ts";
import { createOctokitEvents, type EventFailure } from "./octokit-events.ts";

/** What is called for an event; a promise is waited for. */
export type Handler<Name extends EventName = EventName> = (context: Context<Name>) => unknown;

/**
 * Where handlers are registered.
 *
 * All handlers of an event run at once and to their end: the failure of one stops no other. An event whose handlers did not
 * all succeed is received again later, so handlers look before they act.
 *
 * @example
 * app.on("issues.assigned", async (context) => {
 *   context.log.info({ issue: context.payload.issue.number }, "assigned");
 * });
 */
export interface App {
  on<Name extends EventName>(names: Name | readonly Name[], handler: Handler<Name>): void;
  onAny(handler: Handler): void;
  onError(handler: (failure: EventFailure) => void): void;
  /** Rejects with an AggregateError of what the handlers threw, after all of them are done. */
  receive(event: AppEvent): Promise<void>;
}

/**
 * An app without handlers.
 *
 * @example
 * const app = createApp({ octokit, log });
 * app.on(["issues.opened", "issues.edited"], (context) => context.log.info("read again"));
 */
export function createApp({ octokit, log }: { readonly octokit: Octokit; readonly log: Logger }): App {
  const events = createOctokitEvents(log);

  function on<Name extends EventName>(names: Name | readonly Name[], handler: Handler<Name>): void {
    for (const name of typeof names === "string" ? [names] : names) {
      events.on(name, (context) => (isNamed(context, name) ? handler(context) : undefined));
    }
  }

  return {
    on,
    onAny: events.onAny,
    onError: events.onError,
    receive: (event) => events.emit(event, createContext(event, octokit, log)),
  };
}

function isNamed<Name extends EventName>(context: Context, name: Name): context is Context<Name> {
  return context.name === name || fullName(context) === name;
}
