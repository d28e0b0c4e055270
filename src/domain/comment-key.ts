/** The hidden first line by which the bot finds its own comments again. */

/** The line that every comment with this key starts with; `data` travels in it unseen. */
export function commentKeyLine(key: string, data = ""): string {
  return `<!-- steward:${key} ${data === "" ? "" : `${data} `}-->`;
}

/** True when a comment's text starts with the key's line, whatever data it carries. */
export function hasCommentKey(body: string, key: string): boolean {
  return body.startsWith(`<!-- steward:${key} `);
}

/** The key of a comment of ours, or of one that claims to be. */
export function commentKeyOf(body: string): string | undefined {
  return /^<!-- steward:(\S+) /.exec(body)?.[1];
}
