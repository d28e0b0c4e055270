/** The emitter of @octokit/webhooks behind our own event types. */
import {
  createEventHandler,
  type EmitterWebhookEvent,
  type EmitterWebhookEventName,
  emitterEventNames,
} from "@octokit/webhooks";
import type { Logger } from "pino";
import { FatalError } from "../domain/errors.ts";
import type { AppEvent, EventName } from "../ports/app-event.ts";
import { type Context, fullName } from "./context.ts";

const KNOWN_NAMES: ReadonlySet<string> = new Set<EmitterWebhookEventName>(emitterEventNames);

/** Several handlers may fail at the same event: all of their errors. */
export interface EventFailure {
  readonly event: { readonly id: string; readonly name: string };
  readonly errors: readonly unknown[];
}

export interface OctokitEvents {
  on(name: EventName, handler: (context: Context) => unknown): void;
  onAny(handler: (context: Context) => unknown): void;
  onError(handler: (failure: EventFailure) => void): void;
  /** Resolves when all handlers are done; rejects with an AggregateError of what they threw. */
  emit(event: AppEvent, context: Context): Promise<void>;
}

/** An emitter that calls the handlers of `name.action`, of `name`, and of everything. */
export function createOctokitEvents(log: Logger): OctokitEvents {
  const events = createEventHandler<Emission>({ log: { warn: (message: string) => log.warn({ message }, "events") } });
  return {
    on: (name, handler) => events.on(name, ({ context }) => handler(context)),
    onAny: (handler) => events.onAny((event) => (event instanceof Emission ? handler(event.context) : undefined)),
    onError: (handler) =>
      events.onError((error) => handler({ event: describe(error.event), errors: [...error.errors] })),
    async emit(event, context) {
      const emission = new Emission(event, context);
      if (!isGitHubEvent(emission)) throw new FatalError("INTERNAL", `GitHub knows no event ${event.name}.`);
      await events.receive(emission);
    },
  };
}

function describe(event: { readonly id: string; readonly name: string }): EventFailure["event"] {
  return { id: event.id, name: event.name };
}

/** The emitter hangs what it emitted on every error; only this much of it may reach a log. */
class Emission {
  readonly id: string;
  readonly name: AppEvent["name"];
  readonly payload: AppEvent["payload"];
  readonly context: Context;

  constructor(event: AppEvent, context: Context) {
    this.id = event.id;
    this.name = event.name;
    this.payload = event.payload;
    this.context = context;
  }

  toJSON(): object {
    return { id: this.id, name: fullName(this.context) };
  }
}

/** Our payloads are a part of GitHub's, and handlers see them by our own types only: the name decides. */
function isGitHubEvent(emission: Emission): emission is Emission & EmitterWebhookEvent {
  return KNOWN_NAMES.has(emission.name);
}
