/** JSON of others, which may be none. */

/** What the text says; absent where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever reads it checks what came: nothing is refused like anything else that is not what was expected.
    return undefined;
  }
}
