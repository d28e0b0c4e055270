/** Structured logs: JSON lines on standard error, with secrets masked. */
import { type Logger, pino } from "pino";

/** A logger that never writes one of the secrets `redact` knows, whatever field it hides in. */
export function createLog(level: string, redact: (text: string) => string): Logger {
  return pino({ level, base: null }, { write: (line: string) => void process.stderr.write(redact(line)) });
}
