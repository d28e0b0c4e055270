/** A delivery as it arrives. */
import type { Delivery, RawDelivery } from "../../src/ports/inbox.ts";

/** The same with its body as bytes. */
export function rawDelivery(delivery: Delivery): RawDelivery {
  return { ...delivery, body: Buffer.from(delivery.body) };
}
