/** A copy of a job's output for findings and excerpts: masked like the log itself, its beginning and its end. */
import { createOutputLog } from "../output.ts";
import { type RunnerConfig, secretsOf } from "../runner-config.ts";

/** Findings of any tool fit; what is between beginning and end of a longer log is left out. */
const LIMIT_BYTES = 2 * 1024 * 1024;

/** Collects output. */
export interface BoundedLog {
  write(chunk: Buffer): void;
  /** What was collected; nothing may be written after it. */
  text(): string;
}

/** Makes an empty log. */
export function createBoundedLog(config: Pick<RunnerConfig, "forge" | "endpoints">): BoundedLog {
  const parts: string[] = [];
  const log = createOutputLog({
    secrets: secretsOf(config),
    limitBytes: LIMIT_BYTES,
    sink: (text) => parts.push(text),
  });
  return {
    write: (chunk) => log.write(chunk),
    text: () => {
      log.end();
      return parts.join("");
    },
  };
}
