/** Errors of the system. */

/** The code that Node gives an error of the system, such as `ENOENT`; absent for any other. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
