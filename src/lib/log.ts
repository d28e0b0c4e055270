/** Structured logs: JSON lines on standard error, with secrets masked. */
import { type Logger, pino } from "pino";

/** A logger that never writes one of `secrets`, whatever field it hides in. */
export function createLog(level: string, mask: (text: string) => string): Logger {
  return pino({ level, base: undefined }, { write: (line: string) => void process.stderr.write(mask(line)) });
}
