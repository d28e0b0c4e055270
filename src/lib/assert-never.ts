/** Makes the compiler prove that a union was handled in full. */

/** Unreachable when all members were handled; throws with the value when foreign data got here. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
