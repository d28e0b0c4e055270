/** The error catalogue. The class says what to do; the code says which; the sentence ends with the way out. */

/** Codes of all errors that people or operators can meet. */
export type ErrorCode =
  | "CONFIG_INVALID"
  | "FORGE_UNREACHABLE"
  | "FORGE_REFUSED"
  | "FORGE_CONFLICT"
  | "REDIS_UNREACHABLE"
  | "REDIS_MISSING"
  | "SANDBOX_UNAVAILABLE"
  | "SETUP_FAILED"
  | "WORKSPACE_FAILED"
  | "PUSH_REFUSED"
  | "RUN_FENCED"
  | "INTERNAL";

/** Common part of all errors of Steward. */
export abstract class StewardError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** Somebody at this machine can mend it, now: configuration, what is installed, what runs beside. The message is valid Markdown and says how. */
export class UserError extends StewardError {}

/** Try again later, after `retryAfterMs` when the other side said so. */
export class RetryableError extends StewardError {
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions & { readonly retryAfterMs?: number }) {
    super(code, message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** A person with rights on the forge must act before this task can go on. */
export class ParkError extends StewardError {}

/** A bug; everything unknown is treated as one. */
export class FatalError extends StewardError {}
