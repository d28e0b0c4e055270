/** A refusal in the shape that Anthropic's clients read. */

/** What the gateway answers by itself instead of forwarding; the message reaches the agent. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "ApiError";
    this.status = status;
    this.type = type;
  }
}

/** The error's body as Anthropic writes it. */
export function errorBody(error: ApiError): string {
  return JSON.stringify({ type: "error", error: { type: error.type, message: error.message } });
}
