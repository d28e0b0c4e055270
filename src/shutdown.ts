/** One abort signal for the whole process, from the operating system's signals or a parent that is gone. */

/** Aborted by SIGTERM, SIGINT, or the end of the parent that keeps a channel open to this process. */
export function untilAskedToStop(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
    process.once("disconnect", () => resolve());
  });
}

/** Lets go of the parent's channel, which would keep this process alive after everything has ended. */
export function letGoOfParent(): void {
  if (process.connected) process.disconnect();
}
