/** Waits for something to come true, also outside of a test. */
import { setTimeout as sleep } from "node:timers/promises";

/** The first value that `look` gives without throwing; its last complaint when that takes too long. */
export async function waitUntil<T>(
  look: () => T | Promise<T>,
  { timeout, interval }: { readonly timeout: number; readonly interval: number },
): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await sleep(interval);
  }
}
