/** Says whether an issue's title is the one that was named beside its number. */

/** Ticket keys such as `COORD-010`. */
const TICKET_KEY = /\b[A-Z][A-Z0-9]{1,15}-\d{1,8}\b/g;
const WORD = /[\p{L}\p{N}]{3,}/gu;
const MAX_TITLE_LENGTH = 500;

/**
 * True when number and title disagree: a ticket key that the title does not have, or words of which it has none.
 * Without keys or words nothing can be said, and nothing is questioned.
 */
export function titleDisagrees(expected: string, title: string): boolean {
  const keys = expected.slice(0, MAX_TITLE_LENGTH).toUpperCase().match(TICKET_KEY);
  const found = title.slice(0, MAX_TITLE_LENGTH);
  if (keys) return !keys.some((key) => wordsOf(found, TICKET_KEY).has(key.toLowerCase()));
  const expectedWords = wordsOf(expected.slice(0, MAX_TITLE_LENGTH), WORD);
  const foundWords = wordsOf(found, WORD);
  return expectedWords.size > 0 && ![...expectedWords].some((word) => foundWords.has(word));
}

function wordsOf(text: string, pattern: RegExp): ReadonlySet<string> {
  return new Set((text.toUpperCase().match(pattern) ?? []).map((word) => word.toLowerCase()));
}
