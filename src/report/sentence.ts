/** Words as a sentence: a capital at its start, a full stop at its end. */

/** The sentence; code at its start stays as it is. */
export function sentence(words: string): string {
  if (words === "") return "";
  const started = `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`;
  return /[.!?:…]$/.test(started) ? started : `${started}.`;
}
