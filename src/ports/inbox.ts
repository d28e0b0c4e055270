/**
 * Deliveries that were verified and stored, waiting to be worked on.
 *
 * `append` returns when the delivery is durable; only then is the forge answered. `take` hands a delivery to one consumer;
 * one that is not settled (the process died) is handed out again. `settle` ends it. A refused one is kept for the operator.
 */

/** A delivery as it arrived; `body` holds the exact bytes that the signature covers. */
export interface RawDelivery {
  /** The forge's delivery id; not unique over redeliveries or hooks. */
  readonly id: string;
  /** `X-Gitea-Event-Type`, or the coarser event where the forge sends no type. */
  readonly eventType: string;
  readonly body: Buffer;
  readonly receivedAt: number;
}

/** A delivery with its body as text: bytes that are no UTF-8 are replaced. */
export interface Delivery extends Omit<RawDelivery, "body"> {
  readonly body: string;
}

/** A delivery that the inbox holds. */
export interface StoredDelivery extends Delivery {
  /** The inbox's own key. */
  readonly key: string;
  /** How many times it was handed out, this time included. */
  readonly attempt: number;
}

export interface Inbox {
  append(delivery: RawDelivery): Promise<void>;
  /** Waits up to `waitMs` for the next deliveries, oldest first; empty when there were none. */
  take(count: number, waitMs: number): Promise<readonly StoredDelivery[]>;
  settle(key: string): Promise<void>;
  refuse(delivery: StoredDelivery, reason: string): Promise<void>;
  /** The newest refused deliveries with their reasons. */
  listRefused(count: number): Promise<readonly { readonly delivery: Delivery; readonly reason: string }[]>;
  /** True the first time for a fact within a day; the same fact may arrive by several hooks and under several ids. */
  isNewFact(fact: string): Promise<boolean>;
  /** Remembers a fact once its effect is there. */
  rememberFact(fact: string): Promise<void>;
  /** How many wait. */
  size(): Promise<number>;
}
