/** Refusals as Gitea words them; thrown by routes, answered in one place. */

/** Ends a call with this status; without a message the answer has no body. */
export class ApiError extends Error {
  readonly status: number;
  readonly hasBody: boolean;
  readonly errors: readonly string[] | null | undefined;

  constructor(status: number, message?: string, errors?: readonly string[] | null) {
    super(message ?? "");
    this.name = "ApiError";
    this.status = status;
    this.hasBody = message !== undefined;
    this.errors = errors;
  }
}

/** The 404 of things that routes look up. */
export function notFound(...errors: readonly string[]): ApiError {
  return new ApiError(404, "not found", errors.length > 0 ? errors : null);
}

/** The 500 in production mode: it says nothing. */
export function serverError(): ApiError {
  return new ApiError(500, "");
}
