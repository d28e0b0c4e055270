/** Sees whether a test delivery of the forge arrives where the bot listens. Open it before the test is asked for. */
import type { RepositoryName } from "../domain/ids.ts";

/** `wrongly-signed` is only told where deliveries are seen before their signature is checked. */
export type Arrival = "signed" | "wrongly-signed" | "nothing";

export interface DeliveryWatch {
  /** Who receives: this process, or the bot that runs already and drops what is not signed. */
  readonly receiver: "doctor" | "bot";
  /** The first test delivery about this repository since the watch was opened. */
  arrival(repository: RepositoryName, withinMs: number): Promise<Arrival>;
  close(): Promise<void>;
}
