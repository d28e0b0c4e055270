/** A stored delivery becomes the events that handlers know. */
import { z } from "zod";
import { parseJson } from "../lib/parse-json.ts";
import { truncate } from "../lib/text.ts";
import type { AppEvent } from "../ports/app-event.ts";
import type { Delivery } from "../ports/inbox.ts";
import { isDraftTitle } from "./draft-title.ts";
import { eventNameFrom } from "./event-name.ts";
import { PayloadSchemas } from "./schema.ts";

/** Longest reason that is kept with a refused delivery. */
const REASON_MAX = 500;

/** The events of a delivery, or why it is no valid one. Valid deliveries that nobody reads have no events. */
export type Reading = { readonly events: readonly AppEvent[] } | { readonly invalid: string };

const Action = z.object({ action: z.string().optional() });

/** Reads a delivery. */
export function readDelivery(delivery: Delivery): Reading {
  const json = parseJson(delivery.body);
  const action = Action.safeParse(json);
  if (!action.success) return { invalid: "the body is not a JSON object" };
  const name = eventNameFrom(delivery.eventType, action.data.action);
  if (name === undefined) return { invalid: `unknown event type ${truncate(delivery.eventType, REASON_MAX)}` };
  // GitHub has no event for a deleted pull request.
  if (name === "unread" || (name === "pull_request" && action.data.action === "deleted")) return { events: [] };
  return eventsOf(name, delivery.id, json);
}

function eventsOf(name: AppEvent["name"], id: string, json: unknown): Reading {
  switch (name) {
    case "issues":
      return read(PayloadSchemas.issues, json, (payload) => [{ id, name, payload }]);
    case "issue_comment":
      return read(PayloadSchemas.issue_comment, json, (payload) => [{ id, name, payload }]);
    case "pull_request":
      return read(PayloadSchemas.pull_request, json, (payload) => [{ id, name, payload }, ...draftEvents(id, payload)]);
    case "pull_request_review":
      return read(PayloadSchemas.pull_request_review, json, (payload) => [{ id, name, payload }]);
    case "push":
      return read(PayloadSchemas.push, json, (payload) => [{ id, name, payload }]);
    case "create":
    case "delete":
      return read(PayloadSchemas[name], json, (payload) => [{ id, name, payload }]);
    case "status":
      return read(PayloadSchemas.status, json, (payload) => [{ id, name, payload }]);
    case "repository":
      return read(PayloadSchemas.repository, json, (payload) => [{ id, name, payload }]);
  }
}

function read<Payload>(
  schema: z.ZodType<Payload>,
  json: unknown,
  toEvents: (payload: Payload) => readonly AppEvent[],
): Reading {
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { events: toEvents(parsed.data) }
    : { invalid: truncate(z.prettifyError(parsed.error), REASON_MAX) };
}

/** Gitea says only that the title was edited. */
function draftEvents(id: string, payload: z.infer<typeof PayloadSchemas.pull_request>): readonly AppEvent[] {
  const before = payload.changes.title?.from;
  if (payload.action !== "edited" || before === undefined) return [];
  const isDraft = isDraftTitle(payload.pull_request.title);
  if (isDraft === isDraftTitle(before)) return [];
  const action = isDraft ? "converted_to_draft" : "ready_for_review";
  return [{ id, name: "pull_request", payload: { ...payload, action } }];
}
