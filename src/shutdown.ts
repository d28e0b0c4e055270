/** When this process was asked to stop: by the operating system's signals, or by a parent that is gone. */
import type { Logger } from "pino";

/** An ordered end that waits for somebody who is gone, Redis or the forge, is over by then; everything is made for a kill. */
const ORDERED_END_MS = 8_000;

/** Ends this process some seconds after it was asked to stop, however far it has come by then. */
export function endSoonAfter(asked: Promise<void>, log: Logger): void {
  const force = () => {
    log.error({ outcome: "killed" }, "the ordered end takes too long");
    process.exit(1);
  };
  void asked.then(() => setTimeout(force, ORDERED_END_MS).unref());
}

/** Resolves at SIGTERM, SIGINT, or the end of the parent that keeps a channel open to this process, even one long ago. */
export function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    // Heard again and again: a service manager tells all processes at once, and `steward up` tells its parts once more.
    process.on("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
    process.once("disconnect", () => resolve());
    // A parent that was killed while this process started told so before anybody listened.
    if (process.connected === false) resolve();
  });
}

/** Resolves at SIGUSR2: to take nothing new, and to end when what is under way has ended by itself. */
export function untilAskedToDrain(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGUSR2", () => resolve());
  });
}

/** Lets go of the parent's channel, which would keep this process alive after everything has ended. */
export function letGoOfParent(): void {
  if (process.connected) process.disconnect();
}
