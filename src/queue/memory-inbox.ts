/** The inbox in memory, for scenario tests and the contract suite. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Delivery, Inbox, StoredDelivery } from "../ports/inbox.ts";

const UNSETTLED_MS = 15_000;
const FACT_RETENTION_MS = 86_400_000;
/** Refused deliveries that are kept for the operator. */
const REFUSED_KEPT = 1_000;
/** How often a waiting `take` looks for deliveries whose time has come. */
const LOOK_MS = 10;

interface Held {
  readonly delivery: Delivery;
  attempt: number;
  takenAt: number | undefined;
}

/** An inbox that forgets all when the process ends. */
export function createMemoryInbox({
  clock = systemClock,
  unsettledMs = UNSETTLED_MS,
}: {
  readonly clock?: Clock;
  readonly unsettledMs?: number;
} = {}): Inbox {
  const held = new Map<string, Held>();
  const refused: { readonly delivery: Delivery; readonly reason: string }[] = [];
  const facts = new Map<string, number>();
  let appended = 0;

  function isFree({ takenAt }: Held): boolean {
    return takenAt === undefined || clock.now() - takenAt >= unsettledMs;
  }

  function takeFree(count: number): readonly StoredDelivery[] {
    const free = [...held].filter(([, entry]) => isFree(entry)).slice(0, count);
    return free.map(([key, entry]) => {
      entry.takenAt = clock.now();
      entry.attempt += 1;
      return { ...entry.delivery, key, attempt: entry.attempt };
    });
  }

  return {
    async append(delivery) {
      appended += 1;
      const text = { ...delivery, body: delivery.body.toString() };
      held.set(`${appended}`, { delivery: text, attempt: 0, takenAt: undefined });
    },
    async take(count, waitMs) {
      const end = Date.now() + waitMs;
      for (;;) {
        const taken = takeFree(count);
        if (taken.length > 0 || Date.now() >= end) return taken;
        await sleep(LOOK_MS);
      }
    },
    async settle(key) {
      held.delete(key);
    },
    async refuse({ key, attempt: _, ...delivery }, reason) {
      refused.unshift({ delivery, reason });
      refused.length = Math.min(refused.length, REFUSED_KEPT);
      held.delete(key);
    },
    async listRefused(count) {
      return refused.slice(0, count);
    },
    async isNewFact(fact) {
      const until = facts.get(fact);
      return until === undefined || until <= clock.now();
    },
    async rememberFact(fact) {
      facts.set(fact, clock.now() + FACT_RETENTION_MS);
    },
    async size() {
      return held.size;
    },
  };
}
