/** Texts posted from web forms end their lines with CR LF. */

/** The text with LF at the end of every line. */
export function unixLines(text: string): string {
  return text.replace(/\r\n?/g, "\n");
}
