/** The worker behind the inbox: deliveries are read, deduplicated by fact, emitted to the app and settled. */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { truncate } from "../lib/text.ts";
import type { AppEvent } from "../ports/app-event.ts";
import type { Delivery, Inbox, StoredDelivery } from "../ports/inbox.ts";
import { readDelivery } from "./normalise.ts";

/** Deliveries that are worked on at once; those of one fact follow each other. */
const BATCH = 16;
/** How long to wait for a delivery before looking whether to stop. */
const WAIT_MS = 500;
/** Pause after the inbox failed. */
const PAUSE_MS = 1_000;
/** Tries before a delivery whose handlers fail is given up; with the inbox's pause between them, several minutes. */
const MAX_ATTEMPTS = 20;
/** Longest reason that is kept with a refused delivery. */
const REASON_MAX = 500;

/** What the worker needs of the app. */
export interface EventReceiver {
  /** Rejects when a handler failed. */
  receive(event: AppEvent): Promise<void>;
}

export interface DeliveryWorker {
  start(): void;
  /** Takes nothing more, and resolves when what is under way is done. */
  stop(): Promise<void>;
}

/** The worker; `start` it after the handlers are registered. */
export function createDeliveryWorker({
  inbox,
  app,
  log,
}: {
  readonly inbox: Inbox;
  readonly app: EventReceiver;
  readonly log: Logger;
}): DeliveryWorker {
  const stopping = new AbortController();
  let working = Promise.resolve();

  async function handle(delivery: StoredDelivery, fact: string): Promise<void> {
    const reading = readDelivery(delivery);
    if ("invalid" in reading) return refuse(delivery, reading.invalid);
    if (reading.events.length > 0 && (await inbox.isNewFact(fact))) {
      for (const event of reading.events) await app.receive(event);
      await inbox.rememberFact(fact);
    }
    await inbox.settle(delivery.key);
  }

  async function refuse(delivery: StoredDelivery, reason: string): Promise<void> {
    log.warn({ delivery: delivery.id, eventType: delivery.eventType, reason }, "delivery refused");
    await inbox.refuse(delivery, reason);
  }

  async function handleOrLeave(delivery: StoredDelivery, fact: string): Promise<void> {
    try {
      await handle(delivery, fact);
    } catch (error) {
      log.error({ err: error, delivery: delivery.id, attempt: delivery.attempt }, "delivery failed");
      if (delivery.attempt >= MAX_ATTEMPTS) await refuse(delivery, giveUpReason(delivery, error));
    }
  }

  async function workOnce(): Promise<void> {
    const facts = Map.groupBy(await inbox.take(BATCH, WAIT_MS), factOf);
    const outcomes = await Promise.allSettled(
      [...facts].map(async ([fact, deliveries]) => {
        for (const delivery of deliveries) await handleOrLeave(delivery, fact);
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  async function workUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await workOnce();
      } catch (error) {
        log.warn({ err: error }, "inbox failed, trying again");
        await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  }

  return {
    start() {
      working = workUntilStopped();
    },
    async stop() {
      stopping.abort();
      await working;
    },
  };
}

/** The same fact has the same body, whichever hook told it and under whatever id. */
function factOf({ eventType, body }: Delivery): string {
  return createHash("sha256").update(eventType).update("\0").update(body).digest("hex");
}

function giveUpReason(delivery: StoredDelivery, error: unknown): string {
  const cause = error instanceof Error ? error.message : String(error);
  return truncate(`its handlers failed ${delivery.attempt} times: ${cause}`, REASON_MAX);
}
